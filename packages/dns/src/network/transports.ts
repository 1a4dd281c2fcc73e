import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { ServerAddress } from "./server-address.ts";

/** What becomes of a question that is sent. After the first `onError`, and after it is stopped, neither is called. */
interface PacketHandlers {
  onPacket(packet: Buffer): void;
  onError(error: Error): void;
}

/** Sends one question. @returns stops it; harmless when it has ended. */
export type Send = (
  server: ServerAddress,
  question: Buffer,
  handlers: PacketHandlers,
) => () => void;

/**
 * From a socket of its own, whose port the kernel draws by chance; it is connected, so that it hears that nobody listens,
 * and nothing from elsewhere (RFC 5452 section 9.2).
 */
export const sendOverUdp: Send = ({ address, port, family }, question, handlers) => {
  const socket = createSocket({
    type: family === 6 ? "udp6" : "udp4",
    // It is an address already.
    lookup: (host, _options, done) => done(null, host, family),
  });
  let isOver = false;
  const stop = (): void => {
    if (isOver) return;
    isOver = true;
    socket.close();
  };
  const fail = (error: Error): void => {
    if (isOver) return;
    stop();
    handlers.onError(error);
  };
  socket.on("error", fail);
  socket.on("message", (packet) => {
    if (!isOver) handlers.onPacket(packet);
  });
  socket.connect(port, address, (error?: Error) => {
    if (error !== undefined) fail(error);
    else if (!isOver) socket.send(question, (sent) => sent && fail(sent));
  });
  return stop;
};

/** Two bytes of length go before a packet (RFC 1035 section 4.2.2). */
const LENGTH_BYTES = 2;

/** Over a connection of its own, for what does not fit into a UDP packet (RFC 7766). */
export const sendOverTcp: Send = ({ address, port }, question, handlers) => {
  const socket = connect({ host: address, port });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    socket.destroy();
  };
  const fail = (error: Error): void => {
    if (isOver) return;
    stop();
    handlers.onError(error);
  };
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(question.length);
  // Not its end: some servers take a half-closed connection for one that nobody reads.
  socket.write(Buffer.concat([length, question]));
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection was closed before the answer")));
  socket.on("data", (chunk: Buffer) => {
    if (isOver) return;
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < LENGTH_BYTES) return;
    const all = chunks.length === 1 ? chunk : Buffer.concat(chunks.splice(0), bytes);
    if (chunks.length === 0) chunks.push(all);
    const end = LENGTH_BYTES + all.readUInt16BE(0);
    if (bytes < end) return;
    const packet = all.subarray(LENGTH_BYTES, end);
    stop();
    handlers.onPacket(packet);
  });
  return stop;
};
