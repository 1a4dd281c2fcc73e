import { CLASS_IN, HEADER_BYTES, type Sent, TYPE_CODES } from "./types.ts";

/** Whether we say that we read answers of more than 512 bytes (RFC 6891). */
export type Edns = "EDNS" | "plain";

/** What a path carries without fragments (RFC 9715 section 3.1). */
const UDP_PAYLOAD_BYTES = 1_232;

const RECURSION_DESIRED = 0x0100;
const OPT_TYPE = 41;
const OPT_BYTES = 11;

/** One question in a packet (RFC 1035 section 4.1): recursion desired, nothing else. */
export function encodeQuestion({ id, name, type }: Sent, edns: Edns): Buffer {
  const nameBytes = name === "" ? 1 : name.length + 2;
  const length = HEADER_BYTES + nameBytes + 4 + (edns === "EDNS" ? OPT_BYTES : 0);
  const packet = Buffer.alloc(length);
  packet.writeUInt16BE(id, 0);
  packet.writeUInt16BE(RECURSION_DESIRED, 2);
  packet.writeUInt16BE(1, 4);
  packet.writeUInt16BE(edns === "EDNS" ? 1 : 0, 10);
  let at = HEADER_BYTES;
  for (const label of name === "" ? [] : name.split(".")) {
    packet.writeUInt8(label.length, at);
    packet.write(label, at + 1, "latin1");
    at += 1 + label.length;
  }
  at = packet.writeUInt16BE(TYPE_CODES[type], at + 1);
  at = packet.writeUInt16BE(CLASS_IN, at);
  if (edns === "EDNS") {
    at = packet.writeUInt16BE(OPT_TYPE, at + 1);
    packet.writeUInt16BE(UDP_PAYLOAD_BYTES, at);
  }
  return packet;
}
