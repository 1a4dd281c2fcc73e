import { once } from "node:events";
import type { Socket } from "node:net";
import { createTCPServer, createUDPServer, type Packet } from "dns2";
import {
  encodeResponse,
  payloadLimit,
  questionOf,
  questionSection,
  truncated,
  typeName,
} from "./dns-packets.ts";
import { openZone, type Zone } from "./dns-zone.ts";

/** A question as it came; the name is text with labels joined by dots, in the asker's case. */
export interface Question {
  readonly name: string;
  /** Such as "PTR", or "TYPE257" for a type no zone holds. */
  readonly type: string;
}

/** A DNS server that says what a test wants to hear. */
export interface ScriptedDns {
  /** The same for UDP and TCP. */
  readonly port: number;
  /** The newest 10,000 questions, also those never answered; forget them with `length = 0`. */
  readonly questions: Question[];
  /** @throws {RangeError} if the zone cannot be served; the old one stays. */
  setZone(zone: Zone): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Where a scripted DNS listens and how long its answers may be kept. */
export interface ScriptedDnsOptions {
  /** Default: 127.0.0.1. */
  readonly address?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Default 0: a change of the zone is seen at once. */
  readonly ttlSeconds?: number;
}

const maxQuestions = 10_000;

/**
 * Serves `zone` over UDP and TCP with the servers of dns2. Answers are encoded here, since dns2 3.1.1
 * writes TXT strings above 255 bytes and AAAA such as ::ffff:192.0.2.1 broken, and cannot express a
 * label that holds a dot.
 * @throws {RangeError} if the zone cannot be served, {Error} if the port cannot be had.
 */
export async function serveZone(
  zone: Zone,
  options: ScriptedDnsOptions = {},
): Promise<ScriptedDns> {
  const { address = "127.0.0.1", port = 0, ttlSeconds = 0 } = options;
  const questions: Question[] = [];
  let answer = openZone(zone);

  const response = (request: Packet, raw: Buffer | undefined): Buffer | undefined => {
    const question = request.questions[0];
    if (question === undefined) return undefined;
    questions.push({ name: question.name, type: typeName(question.type) });
    if (questions.length > maxQuestions) questions.shift();
    const asked = (raw && questionSection(raw)) ?? questionOf(question);
    const result = answer(asked.subarray(0, -4), question.type);
    if (result.kind === "timeout") return undefined;
    const bytes = encodeResponse(request, asked, result, ttlSeconds);
    const isTooLong = raw !== undefined && bytes.length > payloadLimit(request);
    return isTooLong ? truncated(bytes, asked.length) : bytes;
  };
  const listeners = await listen(address, port, response);
  return {
    port: listeners.port,
    questions,
    setZone: (next) => {
      answer = openZone(next);
    },
    close: listeners.close,
    [Symbol.asyncDispose]: listeners.close,
  };
}

type Respond = (request: Packet, raw: Buffer | undefined) => Buffer | undefined;

/** UDP and TCP on one port; with port 0, on one that is free for both. */
async function listen(address: string, port: number, respond: Respond) {
  for (let attempt = 1; ; attempt++) {
    const udp = await listenUdp(address, port, respond);
    try {
      const tcp = await listenTcp(address, udp.port, respond);
      return {
        port: udp.port,
        close: async () => {
          await Promise.all([udp.close(), tcp.close()]);
        },
      };
    } catch (error) {
      await udp.close();
      if (port !== 0 || attempt === 20) throw error;
    }
  }
}

async function listenUdp(address: string, port: number, respond: Respond) {
  const server = createUDPServer();
  let raw: Buffer | undefined;
  // dns2 parses in a later listener of the same event, and calls ours before it returns.
  server.prependListener("message", (bytes: Buffer) => {
    raw = bytes;
  });
  server.on("request", (request, send) => {
    const bytes = respond(request, raw);
    if (bytes) send(bytes).catch(() => {}); // closed meanwhile
  });
  server.bind(port, address);
  await once(server, "listening");
  const closed = once(server, "close");
  let isOpen = true;
  return {
    port: server.address().port,
    close: async () => {
      if (isOpen) server.close();
      isOpen = false;
      await closed;
    },
  };
}

async function listenTcp(address: string, port: number, respond: Respond) {
  const server = createTCPServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("request", (request, send) => {
    const bytes = respond(request, undefined);
    if (bytes) void send(bytes);
  });
  server.listen(port, address);
  await once(server, "listening");
  const closed = once(server, "close");
  return {
    close: async () => {
      if (server.listening) server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
