import type { Packet } from "dns2";
import { typeNumbers, type ZoneAnswer } from "./dns-zone.ts";

const rcodes = { noerror: 0, servfail: 2, nxdomain: 3 } as const;
const headerBytes = 12;

/** The first question of a request as it came: name in wire format, type, class. Uncompressed names only. */
export function questionSection(raw: Buffer): Buffer | undefined {
  let at = headerBytes;
  while (raw[at]) at += (raw[at] ?? 0) + 1;
  const section = raw.subarray(headerBytes, at + 5);
  return section.length === at + 5 - headerBytes ? section : undefined;
}

/** The same from dns2's reading of it, where a dot within a label can no longer be told. */
export function questionOf({ name, type, class: kind }: Packet["questions"][number]): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  const wire = labels.map((label) => Buffer.from(label, "latin1"));
  return Buffer.concat([
    ...wire.flatMap((label) => [Buffer.from([label.length]), label]),
    Buffer.from([0]),
    uint16(type),
    uint16(kind),
  ]);
}

/** A response with the asked question; names are not compressed. */
export function encodeResponse(
  request: Packet,
  question: Buffer,
  answer: Exclude<ZoneAnswer, { kind: "timeout" }>,
  ttlSeconds: number,
): Buffer {
  const { id, opcode, rd } = request.header;
  const flags = 0x8480 | (opcode << 11) | (rd << 8) | rcodes[answer.rcode]; // QR, AA, RA
  const records = answer.records.map(({ owner, type, data }) =>
    Buffer.concat([owner, uint16(type), uint16(1), uint32(ttlSeconds), uint16(data.length), data]),
  );
  const counts = [id, flags, 1, records.length, 0, 0].map(uint16);
  return Buffer.concat([...counts, question, ...records]);
}

/** The response without records and with the TC bit: the asker comes again by TCP. */
export function truncated(response: Buffer, questionBytes: number): Buffer {
  const bytes = Buffer.from(response.subarray(0, headerBytes + questionBytes));
  bytes.writeUInt16BE(bytes.readUInt16BE(2) | 0x0200, 2);
  bytes.writeUInt16BE(0, 6);
  return bytes;
}

/** How many bytes of UDP the asker takes: 512, or what its OPT record says (RFC 6891 section 6.2.3). */
export function payloadLimit(request: Packet): number {
  const opt = request.additionals.find(({ type }) => type === 41);
  return Math.max(512, opt?.class ?? 0);
}

/** "A" for 1 and so on; "TYPE257" for a type no zone holds (RFC 3597 section 5). */
export function typeName(type: number): string {
  const known = Object.entries(typeNumbers).find(([, code]) => code === type);
  return known?.[0] ?? `TYPE${type}`;
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
