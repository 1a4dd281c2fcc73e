import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { nameBytes } from "./udp-dns.ts";

/** For tests: what a server sends back, byte for byte; of several packets each in its turn. */
export type WireReply = (query: Buffer, transport: "UDP" | "TCP") => readonly Buffer[];

/** A DNS server on the loopback, over UDP and TCP, that says whatever bytes a test wants. */
export interface WireDns extends AsyncDisposable {
  readonly server: string;
  /** What came, in order. */
  readonly queries: readonly { readonly transport: "UDP" | "TCP"; readonly query: Buffer }[];
}

export async function openWireDns(reply: WireReply): Promise<WireDns> {
  const queries: { transport: "UDP" | "TCP"; query: Buffer }[] = [];
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const query = received.subarray(2);
      queries.push({ transport: "TCP", query });
      const packets = reply(query, "TCP");
      if (packets.length === 0) socket.destroy();
      const length = Buffer.alloc(2);
      // One byte at a time, as a slow network might.
      for (const packet of packets) {
        length.writeUInt16BE(packet.length);
        socket.write(length.subarray(0, 1));
        setImmediate(() => socket.write(Buffer.concat([length.subarray(1), packet])));
      }
    });
  });
  const { udp, port } = await bindBoth(tcp);
  udp.on("message", (query, from) => {
    queries.push({ transport: "UDP", query });
    for (const packet of reply(query, "UDP")) udp.send(packet, from.port, from.address);
  });
  return {
    server: `127.0.0.1:${port}`,
    queries,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      udp.close();
      tcp.close();
      await Promise.all([once(udp, "close"), once(tcp, "close")]);
    },
  };
}

/** One port for both; a port that is free for TCP may be taken for UDP. */
async function bindBoth(tcp: Server): Promise<{ readonly udp: UdpSocket; readonly port: number }> {
  for (;;) {
    tcp.listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4").bind(port, "127.0.0.1");
    try {
      await once(udp, "listening");
      return { udp, port };
    } catch {
      tcp.close();
      await once(tcp, "close");
    }
  }
}

/** What differs from an honest answer. */
export interface WireAnswer {
  /** Default: QR, RD and RA. */
  readonly flags?: number;
  /** Added to the id that was sent. */
  readonly idOff?: number;
  /** Default: the question as it came. */
  readonly question?: Buffer;
  readonly questions?: number;
  readonly records?: readonly Buffer[];
  /** Default: as many as there are. */
  readonly count?: number;
}

export function wireAnswer(query: Buffer, answer: WireAnswer): Buffer {
  const { flags = 0x8180, idOff = 0, records = [], count = records.length } = answer;
  const question = answer.question ?? query.subarray(12, questionEnd(query));
  const head = Buffer.alloc(12);
  head.writeUInt16BE((query.readUInt16BE(0) + idOff) & 0xffff, 0);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(answer.questions ?? 1, 4);
  head.writeUInt16BE(count, 6);
  return Buffer.concat([head, question, ...records]);
}

/** One record; the owner as labels, or as bytes. */
export function wireRecord(owner: string | Uint8Array, type: number, rdata: Uint8Array): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(rdata.length, 8);
  const name = typeof owner === "string" ? nameBytes(...owner.split(".")) : owner;
  return Buffer.concat([name, fixed, rdata]);
}

function questionEnd(query: Buffer): number {
  let at = 12;
  while ((query[at] ?? 0) > 0) at += 1 + (query[at] ?? 0);
  return at + 5;
}
