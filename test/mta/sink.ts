import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { DotReader } from "./dot-reader.ts";

/** A message as the mail server delivered it. */
export interface SinkMessage {
  readonly mailFrom: string;
  /** What followed the path in MAIL FROM, such as `SIZE=321 BODY=8BITMIME`. */
  readonly mailParameters: string;
  readonly recipients: readonly string[];
  /** The exact bytes, dots unstuffed, with the last line's CRLF. */
  readonly bytes: Buffer;
}

/** An SMTP server that takes everything and keeps it. */
export interface Sink {
  readonly port: number;
  /** All messages so far, in order of arrival. */
  readonly messages: readonly SinkMessage[];
  /**
   * Waits for that many messages in all, or for one that fits, and returns all messages or those that
   * fit.
   * @throws {Error} if they do not come within `timeoutMs` (default 10 s).
   */
  waitFor(
    wanted: number | ((message: SinkMessage) => boolean),
    timeoutMs?: number,
  ): Promise<readonly SinkMessage[]>;
  /** Closes the listener and every connection. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const ehlo = ["sink.example.org", "8BITMIME", "SMTPUTF8", "SIZE 99999999"];

/** Opens a sink on 127.0.0.1; port 0 picks a free one. */
export async function openSink(port = 0): Promise<Sink> {
  const messages: SinkMessage[] = [];
  const waiters = new Set<() => void>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, (message) => {
      messages.push(message);
      for (const wake of waiters) wake();
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");

  const closed = once(server, "close");
  const close = async () => {
    if (server.listening) server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    waitFor: (wanted, timeoutMs = 10_000) => {
      const result = () => {
        const found = typeof wanted === "number" ? [...messages] : messages.filter(wanted);
        return found.length >= (typeof wanted === "number" ? wanted : 1) ? found : undefined;
      };
      return waitUntil(result, waiters, timeoutMs, () => messages.length);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function waitUntil<T>(
  result: () => T | undefined,
  waiters: Set<() => void>,
  timeoutMs: number,
  count: () => number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      waiters.delete(look);
    };
    const look = () => {
      const value = result();
      if (value === undefined) return;
      end();
      resolve(value);
    };
    const timer = setTimeout(() => {
      end();
      reject(
        new Error(`Cannot wait longer for mail: ${count()} messages came within ${timeoutMs} ms`),
      );
    }, timeoutMs);
    waiters.add(look);
    look();
  });
}

function serve(socket: Socket, keep: (message: SinkMessage) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  let mailFrom = "";
  let mailParameters = "";
  let recipients: string[] = [];
  let data: DotReader | undefined;
  const say = (...lines: string[]) => socket.write(lines.map((line) => `${line}\r\n`).join(""));

  const command = (line: string) => {
    const path = /^\w+ \w+:\s*<([^>]*)>\s*(.*)$/.exec(line);
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
        return say(...ehlo.map((text, at) => `250${at < ehlo.length - 1 ? "-" : " "}${text}`));
      case "MAIL":
        [mailFrom, mailParameters, recipients] = [path?.[1] ?? "", path?.[2] ?? "", []];
        return say("250 2.1.0 ok");
      case "RCPT":
        recipients.push(path?.[1] ?? "");
        return say("250 2.1.5 ok");
      case "DATA":
        data = new DotReader();
        return say("354 go on");
      case "QUIT":
        say("221 2.0.0 bye");
        return socket.end();
      case "HELO":
      case "RSET":
      case "NOOP":
        return say("250 2.0.0 ok");
      default:
        return say("500 5.5.1 unknown command");
    }
  };

  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    while (pending.length > 0) {
      if (data) {
        const end = data.push(pending);
        if (end === undefined) {
          pending = Buffer.alloc(0);
          return;
        }
        pending = end.rest;
        data = undefined;
        keep({ mailFrom, mailParameters, recipients, bytes: end.message });
        say("250 2.0.0 kept");
      } else {
        const at = pending.indexOf("\r\n");
        if (at < 0) return;
        const line = pending.subarray(0, at).toString("utf8");
        pending = pending.subarray(at + 2);
        command(line);
      }
    }
  });
  say("220 sink.example.org ESMTP");
}
