import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** What Exim asked; values are decoded, one character a byte. */
export interface Asked {
  readonly stage: string;
  readonly keys: ReadonlyMap<string, string>;
  /** Of a message: Exim's copy. */
  readonly copy: Buffer;
}

/** What is done with the connection of one request. */
export type Reaction = (socket: Socket, stage: string) => void;

/** A daemon that does as a test says. */
export interface Sidecar {
  readonly port: number;
  readonly asked: readonly Asked[];
  /** From now on; forgets what was asked. */
  behave(reactionAt: (stage: string) => Reaction): void;
  close(): Promise<void>;
}

/** Says the words as an answer of that stage; at the end of a message in SpamAssassin's frame. */
export function say(words: string): Reaction {
  return (socket, stage) => {
    if (stage !== "message") return void socket.end(`${words}\n`, "latin1");
    const report = `0.0/1.0\r\npostern: ${words}\r\n`;
    socket.end(`SPAMD/1.1 0 EX_OK\r\nContent-length: ${report.length}\r\n\r\n${report}`, "latin1");
  };
}

export const accept: Reaction = (socket, stage) =>
  say(stage === "message" ? 'v=1 a=accept d="" h="" m="" z=1' : 'v=1 a=accept m="" z=1')(
    socket,
    stage,
  );

/** Refuses with this text, code and all. */
export const reply = (text: string): Reaction => say(`v=1 a=reply m="${text}" z=1`);

/** Says it byte by byte, one each 100 ms, and never comes to the end. */
export const drip: Reaction = (socket) => {
  const timer = setInterval(() => socket.write("v"), 100);
  socket.once("close", () => clearInterval(timer));
};

/** A server on 127.0.0.1 that reads requests whole and reacts; it accepts all at first. */
export async function openSidecar(): Promise<Sidecar> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  let reactionAt: (stage: string) => Reaction = () => accept;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    // Exim closes its half behind a request.
    socket.on("end", () => {
      const request = read(Buffer.concat(chunks));
      asked.push(request);
      reactionAt(request.stage)(socket, request.stage);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    behave(next) {
      asked.length = 0;
      reactionAt = next;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

function read(request: Buffer): Asked {
  const text = request.toString("latin1");
  const [, stage = "message", words = ""] =
    /^POSTERN1 (\w+) (.*)\n$/.exec(text) ??
    /^REPORT SPAMC\/1\.2\r\nUser: ()(.*)\r\n/.exec(text) ??
    [];
  const copyAt = text.indexOf("\r\n\r\n") + 4;
  const keys = words.split(" ").map((word): [string, string] => {
    const [, key = "", value = ""] = /^(\w+)=([\w=-]*)$/.exec(word) ?? [];
    return [key, Buffer.from(value, "base64url").toString("latin1")];
  });
  return {
    stage: stage === "" ? "message" : stage,
    keys: new Map(keys),
    copy: stage === "" ? request.subarray(copyAt) : Buffer.alloc(0),
  };
}
