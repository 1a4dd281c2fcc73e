import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What the server does with the next packets. RDATA are the bytes of each record of the asked type. */
export type UdpMode =
  | { readonly kind: "answer"; readonly rdata: readonly Uint8Array[] }
  | { readonly kind: "rcode"; readonly rcode: number }
  | { readonly kind: "silent" };

/** A DNS server on a port of the loopback that says one thing to everyone. */
export interface UdpDns extends AsyncDisposable {
  /** As `127.0.0.1:PORT`. */
  readonly server: string;
  /** The names asked for, one for each packet that came. */
  readonly packets: readonly string[];
  /** The source ports of the packets. */
  readonly ports: readonly number[];
  answerWith(mode: UdpMode): void;
  /** Resolves when `count` packets have come in all. */
  received(count: number): Promise<void>;
}

const HEADER_BYTES = 12;
/** QTYPE and QCLASS. */
const QUESTION_TAIL_BYTES = 4;

export async function openUdpDns(): Promise<UdpDns> {
  const socket = createSocket("udp4");
  const packets: string[] = [];
  const ports: number[] = [];
  let mode: UdpMode = { kind: "silent" };
  socket.on("message", (packet, from) => {
    const { name, end } = readName(packet);
    packets.push(name);
    ports.push(from.port);
    if (mode.kind !== "silent") socket.send(reply(packet, end, mode), from.port, from.address);
    socket.emit("counted");
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port }: AddressInfo = socket.address();
  return {
    server: `127.0.0.1:${port}`,
    packets,
    ports,
    answerWith: (next) => {
      mode = next;
    },
    received: async (count) => {
      while (packets.length < count) await once(socket, "counted");
    },
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** The wire form of a name, one label for each argument: any byte may be in it. */
export function nameBytes(...labels: readonly string[]): Uint8Array {
  const parts = labels.map((label) => Buffer.from(label, "latin1"));
  return Buffer.concat([...parts.flatMap((part) => [Buffer.of(part.length), part]), Buffer.of(0)]);
}

/** The RDATA of a TXT record. */
export function txtBytes(...strings: readonly string[]): Uint8Array {
  const parts = strings.map((text) => Buffer.from(text, "latin1"));
  return Buffer.concat(parts.flatMap((part) => [Buffer.of(part.length), part]));
}

function readName(packet: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = packet[at] ?? 0; length > 0; length = packet[at] ?? 0) {
    labels.push(packet.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

/** RFC 1035 section 4.1: the question back, QR RD RA set, each record owned by a pointer to the question. */
function reply(
  packet: Buffer,
  nameEnd: number,
  mode: Exclude<UdpMode, { kind: "silent" }>,
): Buffer {
  const rcode = mode.kind === "rcode" ? mode.rcode : 0;
  const rdata = mode.kind === "answer" ? mode.rdata : [];
  const head = Buffer.from(packet.subarray(0, HEADER_BYTES));
  head.writeUInt16BE(0x8180 | rcode, 2);
  head.writeUInt16BE(rdata.length, 6);
  head.fill(0, 8);
  const question = packet.subarray(HEADER_BYTES, nameEnd + QUESTION_TAIL_BYTES);
  const records = rdata.map((bytes) => {
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
    packet.copy(fixed, 2, nameEnd, nameEnd + QUESTION_TAIL_BYTES);
    fixed.writeUInt32BE(60, 6);
    fixed.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([fixed, bytes]);
  });
  return Buffer.concat([head, question, ...records]);
}
