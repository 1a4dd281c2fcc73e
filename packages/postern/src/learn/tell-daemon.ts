import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Lesson } from "./learn-header.ts";
import { decodeAnswer, encodeRequest, MAX_ANSWER_BYTES, type MarkRequest } from "./wire.ts";

/** Above the daemon's own two deadlines of 10 s. */
const DEADLINE_MS = 25_000;

/**
 * Hands a mark to the daemon that listens on a unix socket.
 *
 * @returns undefined if no daemon listens there.
 * @throws {Error} if it cannot be reached though it is there, or gives no answer.
 */
export async function tellDaemon(path: string, request: MarkRequest): Promise<Lesson | undefined> {
  for (let left = RETRIES; ; left -= 1) {
    try {
      return await tellOnce(path, encodeRequest(request));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
      if (code !== "EAGAIN" || left === 0) {
        const advice = code === "EACCES" ? ": join the group of the socket" : "";
        throw new Error(`Cannot hand the mark to the daemon on ${path}: ${message}${advice}`, {
          cause: error,
        });
      }
      await setTimeout(RETRY_MS);
    }
  }
}

/** A unix socket whose queue is full says EAGAIN at once, where a TCP one lets wait. */
const RETRY_MS = 50;
const RETRIES = 200;

function tellOnce(path: string, request: Uint8Array): Promise<Lesson> {
  const { promise, resolve, reject } = Promise.withResolvers<Lesson>();
  const socket = connect({ path });
  let answer = "";
  socket.setTimeout(DEADLINE_MS, () =>
    socket.destroy(new Error(`no answer within ${DEADLINE_MS / 1000} s`)),
  );
  // An answer may be there though the daemon did not hear us to the end.
  socket.on("error", (error) => {
    if (answer === "") reject(error);
  });
  socket.on("data", (chunk) => {
    answer += chunk.toString("latin1");
    if (answer.includes("\n") || answer.length > MAX_ANSWER_BYTES) socket.destroy();
  });
  socket.on("close", () => {
    const lesson = decodeAnswer(answer);
    if (lesson === undefined) reject(new Error("no usable answer"));
    else resolve(lesson);
  });
  socket.write(request);
  return promise;
}
