import { createServer, type Socket } from "node:net";
import { listenOn, type UnixListener } from "@postern/smtp-filter/serve";
import type { Lesson } from "./learn-header.ts";
import { encodeAnswer, type MarkRequest, RequestReader } from "./wire.ts";

export interface ServeLearnOptions {
  readonly listener: UnixListener;
  /** Never rejects for long: what takes more than `deadlineMs` is answered without it. */
  readonly learn: (request: MarkRequest) => Promise<Lesson>;
  readonly announce: (text: string) => void;
  /** For a whole request to come, and then for its answer. Default 10 s. */
  readonly deadlineMs?: number;
  /** Default 1,100. */
  readonly maxConnections?: number;
  /** Of all requests that are not being learned yet, whole or not: they take no memory from mail. Default 16 MiB. */
  readonly maxBytes?: number;
}

export interface LearnServer {
  readonly address: string;
  drain(deadlineMs: number): Promise<void>;
}

/** Marks learned concurrently; the others wait in order of arrival. */
const MAX_LEARNING = 8;

const BUSY: Lesson = { outcome: "later", text: "too many marks at once, try again" };

/**
 * Listens for marks: one request a connection, exactly one answer, then the end. When all places are taken, the client
 * that has kept us waiting longest for its request loses its place.
 *
 * @throws {Error} if it cannot listen there.
 */
export async function serveLearn(options: ServeLearnOptions): Promise<LearnServer> {
  const {
    listener,
    announce,
    deadlineMs = 10_000,
    maxConnections = 1_100,
    maxBytes = 16 << 20,
  } = options;
  const reading = new Map<Socket, (lesson: Lesson) => void>();
  const open = new Set<Socket>();
  const waiting = new Set<() => Promise<void>>();
  let learning = 0;
  let bytes = 0;

  const next = (): void => {
    if (learning >= MAX_LEARNING) return;
    const [job] = waiting;
    if (job === undefined) return;
    waiting.delete(job);
    learning += 1;
    void job().finally(() => {
      learning -= 1;
      next();
    });
  };

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (open.size >= maxConnections) {
      const [slowest] = reading.values();
      if (slowest === undefined) {
        socket.on("error", () => {});
        socket.end(encodeAnswer(BUSY), () => socket.destroy());
        return;
      }
      slowest(BUSY);
    }
    const reader = new RequestReader();
    let timer = setTimeout(
      () => answer({ outcome: "later", text: `no whole request within ${deadlineMs} ms` }),
      deadlineMs,
    );
    let isAnswered = false;
    /** Gives back what the request holds; done by whatever ends its wait, once. */
    let release = (): void => {
      release = () => {};
      bytes -= reader.bytes;
    };
    const stopReading = (): void => {
      reading.delete(socket);
      socket.off("data", onData);
      socket.resume();
    };
    const answer = (lesson: Lesson): void => {
      if (isAnswered) return;
      isAnswered = true;
      clearTimeout(timer);
      stopReading();
      release();
      open.delete(socket);
      socket.end(encodeAnswer(lesson), () => socket.destroy());
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      const request = reader.push(chunk);
      if (request.kind === "wrong") answer({ outcome: "refused", text: request.reason });
      else if (bytes > maxBytes) answer(BUSY);
      else if (request.kind === "whole") {
        clearTimeout(timer);
        stopReading();
        timer = setTimeout(
          () => answer({ outcome: "later", text: "it takes too long, try again" }),
          deadlineMs,
        );
        const job = async (): Promise<void> => {
          release();
          try {
            answer(await options.learn(request));
          } catch (error) {
            announce(`a mark could not be learned: ${messageOf(error)}`);
            answer({ outcome: "later", text: "an internal error, see the log of the daemon" });
          }
        };
        const releaseBytes = release;
        release = () => {
          waiting.delete(job);
          releaseBytes();
        };
        waiting.add(job);
        next();
      }
    };
    open.add(socket);
    reading.set(socket, answer);
    socket.on("data", onData);
    socket.on("end", () => {
      if (reading.has(socket))
        answer({ outcome: "refused", text: "the header ends without an empty line" });
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      isAnswered = true;
      clearTimeout(timer);
      stopReading();
      release();
      open.delete(socket);
    });
  });
  const bound = await listenOn(server, listener);
  server.on("error", (error) => announce(`the socket for marks: ${messageOf(error)}`));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  return {
    address: bound.address,
    async drain(drainMs) {
      await bound.release();
      if (server.listening) server.close();
      for (const late of [...reading.values()]) late({ outcome: "later", text: "stopping" });
      const cut = setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, drainMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
