import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A server that speaks as much RESP as a hostile one needs. */
export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** Commands received, by name. */
  readonly commands: readonly string[];
  readonly connections: () => number;
  answerWith(answer: Answer): void;
}

/** Writes to the socket what a command is answered with, or does not. */
export type Answer = (command: readonly string[], socket: Socket) => void;

/** @param first what commands are answered with until told otherwise. */
export async function serveFake(first: Answer): Promise<FakeServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let answer = first;
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let unread = "";
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      unread += chunk.toString("latin1");
      for (let cut = takeCommand(unread); cut !== undefined; cut = takeCommand(unread)) {
        unread = cut.rest;
        commands.push(cut.command[0] ?? "");
        answer(cut.command, socket);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${port}/0`,
    commands,
    connections: () => connections,
    answerWith: (next) => {
      answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** An array of bulk strings; undefined as long as it is not whole. */
function takeCommand(text: string): { command: string[]; rest: string } | undefined {
  let at = 0;
  const line = () => {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const content = text.slice(at, end);
    at = end + 2;
    return content;
  };
  const count = Number(line()?.slice(1) ?? Number.NaN);
  if (Number.isNaN(count)) return undefined;
  const command: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const length = Number(line()?.slice(1) ?? Number.NaN);
    if (Number.isNaN(length) || text.length < at + length + 2) return undefined;
    command.push(text.slice(at, at + length));
    at += length + 2;
  }
  return { command, rest: text.slice(at) };
}
