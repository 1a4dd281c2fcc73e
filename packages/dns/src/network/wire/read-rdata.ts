import { type IpAddress, ipAddressOf } from "@postern/smtp-filter";
import type { DnsRecord } from "../../answer/record.ts";
import { MalformedPacket, type NameReader } from "./name-reader.ts";
import type { AskedType } from "./types.ts";

/**
 * The data of one record, from `start` to `end` in the packet (RFC 1035 section 3.3, RFC 3596 section 2.2).
 *
 * @throws {MalformedPacket} if it is not as its type has it.
 */
export function readRdata(
  packet: Buffer,
  names: NameReader,
  type: AskedType,
  start: number,
  end: number,
): DnsRecord {
  switch (type) {
    case "A":
      return addressOf(packet, 4, start, end);
    case "AAAA":
      return addressOf(packet, 16, start, end);
    case "MX": {
      if (end - start < 3) throw new MalformedPacket("Cannot read MX record: too short");
      const exchange = nameIn(names, start + 2, end) || ".";
      return { preference: packet.readUInt16BE(start), exchange };
    }
    case "TXT":
      return textOf(packet, start, end);
    case "PTR":
    case "CNAME":
    case "NS":
      return nameIn(names, start, end);
  }
}

/** A name that fills all of what is between. */
export function nameIn(names: NameReader, start: number, end: number): string {
  const read = names.read(start);
  if (read.end !== end) throw new MalformedPacket("Cannot read record: its name ends elsewhere");
  return read.name;
}

function addressOf(packet: Buffer, length: 4 | 16, start: number, end: number): IpAddress {
  const address = end - start === length ? ipAddressOf(packet.subarray(start, end)) : undefined;
  if (address === undefined) throw new MalformedPacket("Cannot read record: of another length");
  return address;
}

/** The strings of one TXT record, joined (RFC 7208 section 3.3). */
function textOf(packet: Buffer, start: number, end: number): string {
  if (start === end) throw new MalformedPacket("Cannot read TXT record: it has no string");
  let text = "";
  for (let at = start; at < end; at += 1 + (packet[at] ?? 0)) {
    const stop = at + 1 + (packet[at] ?? 0);
    if (stop > end) throw new MalformedPacket("Cannot read TXT record: a string too long");
    text += packet.toString("latin1", at + 1, stop);
  }
  return text;
}
