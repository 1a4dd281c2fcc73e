import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

/** The command at which it breaks, by its letter in the milter protocol. */
export type Letter = "O" | "M" | "E";

/** A milter that lets all mail in, but for one command. */
export interface BrokenMilter extends AsyncDisposable {
  /** From now on. */
  breakAt(letter: Letter, reaction: (socket: Socket) => void): void;
  /** From now on it breaks nowhere. */
  mend(): void;
}

/** Version 6, no actions, no answers to headers, their end and body (NR_HDR, NR_EOH, NR_BODY). */
const TERMS = Buffer.from("0000000d4f0000000600000000000c0080", "hex");
const CONTINUE = Buffer.from("0000000163", "hex");
const ANSWERED = "CHMRTE";

/** Listens at a port of 127.0.0.1 and on a unix socket. */
export async function openBrokenMilter(port: number, path: string): Promise<BrokenMilter> {
  let brokenAt: string | undefined;
  let react: (socket: Socket) => void = () => {};
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 5 && pending.length >= 4 + pending.readUInt32BE(0)) {
        const letter = pending.toString("latin1", 4, 5);
        pending = pending.subarray(4 + pending.readUInt32BE(0));
        if (letter === brokenAt) react(socket);
        else if (letter === "O") socket.write(TERMS);
        else if (ANSWERED.includes(letter)) socket.write(CONTINUE);
      }
    });
  };
  const servers: readonly Server[] = [createServer(serve), createServer(serve)];
  servers[0]?.listen(port, "127.0.0.1");
  servers[1]?.listen(path);
  await Promise.all(servers.map((server) => once(server, "listening")));
  return {
    breakAt(letter, reaction) {
      brokenAt = letter;
      react = reaction;
    },
    mend() {
      brokenAt = undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) {
        server.close();
        await once(server, "close");
      }
    },
  };
}
