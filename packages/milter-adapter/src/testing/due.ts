import { Buffer } from "node:buffer";

/** The SMFIP_NR_* bit of each letter that is answered (mfdef.h); 0 where it cannot be negotiated away. */
const UNANSWERED_BITS = new Map([
  ["C", 0x1000],
  ["H", 0x2000],
  ["M", 0x4000],
  ["R", 0x8000],
  ["T", 0x10000],
  ["U", 0x20000],
  ["N", 0x40000],
  ["B", 0x80000],
  ["L", 0x80],
  ["E", 0],
]);

/** Whether exactly one final reply is due to a packet that is well-formed, after this negotiation. */
export function isDue(packet: string, protocol: number): boolean {
  const bit = UNANSWERED_BITS.get(packet[0] ?? "");
  return bit !== undefined && (protocol & bit) === 0;
}

/** The three words of an OPTNEG packet, of either side. */
export function wordsOf(packet: string): [version: number, actions: number, protocol: number] {
  const bytes = Buffer.from(packet, "latin1");
  return [bytes.readUInt32BE(1), bytes.readUInt32BE(5), bytes.readUInt32BE(9)];
}

/** Whether a packet closes the connection for its shape alone. It shares no code with the decoder. */
export function isMalformed(packet: string): boolean {
  const payload = packet.slice(1);
  switch (packet[0]) {
    case "O":
      return payload.length < 12 || wordsOf(packet)[0] < 2;
    case "D":
      return payload === "";
    case "C":
      return !/^[^\0]*\0(?:[46L][\s\S]{2}[^\0]*\0$|[^46L])/.test(payload);
    case "M":
    case "R":
      return !payload.includes("\0");
    case "T":
    case "N":
    case "A":
    case "Q":
    case "K":
      return payload !== "";
    case "H":
    case "L":
    case "B":
    case "E":
    case "U":
      return false;
    default:
      return true;
  }
}
