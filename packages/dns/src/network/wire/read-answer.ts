import { type DnsAnswer, fault, found } from "../../answer/answer.ts";
import { type DnsRecord, recordSize } from "../../answer/record.ts";
import { MalformedPacket, NameReader } from "./name-reader.ts";
import { nameIn, readRdata } from "./read-rdata.ts";
import { type AskedType, CLASS_IN, HEADER_BYTES, type Sent, TYPE_CODES } from "./types.ts";

/** What a packet is to the question that was sent. */
export type Reading =
  | { readonly kind: "answer"; readonly answer: DnsAnswer }
  /** Not to this question: somebody guesses, or it is late. */
  | { readonly kind: "stray" }
  /** The whole answer did not fit. */
  | { readonly kind: "truncated" }
  /** The server does not understand us; without EDNS it may. */
  | { readonly kind: "not understood"; readonly answer: DnsAnswer };

/** A TXT record above this is no mail policy. */
const MAX_RECORD_BYTES = 16 * 1024;

/**
 * Real names have fewer records, and whoever reads an answer looks through all of them, each time: SPF with `mx` terms
 * through a hundred answers.
 */
const MAX_RECORDS = 256;

/** All of them as text: what a packet holds without pointers, with which it would be a megabyte. */
const MAX_ANSWER_BYTES = 65_535;

/** CNAMEs followed for one question. */
const MAX_CNAMES = 8;

const QR = 0x8000;
const OPCODE = 0x7800;
const TC = 0x0200;
const RCODE = 0x000f;

const FORMERR = 1;
const SERVFAIL = 2;
const NXDOMAIN = 3;
const NOTIMP = 4;
const REFUSED = 5;

const BAD: Reading = { kind: "answer", answer: fault("bad answer") };

/**
 * Reads what came from the server (RFC 1035 section 4.1). Only what belongs to the question counts: what is no response,
 * or answers another question, is a bad answer, and records of an owner to whom no CNAME leads are not read.
 */
export function readAnswer(packet: Buffer, sent: Sent): Reading {
  if (packet.length < HEADER_BYTES || packet.readUInt16BE(0) !== sent.id) return { kind: "stray" };
  const flags = packet.readUInt16BE(2);
  if ((flags & QR) === 0 || (flags & OPCODE) !== 0) return BAD;
  const failure = failureOf(flags & RCODE);
  const questions = packet.readUInt16BE(4);
  try {
    // Some servers do not repeat a question that they refuse or do not understand.
    if (questions === 0 && failure !== undefined) return failure;
    const names = new NameReader(packet);
    const { name, end } = names.read(HEADER_BYTES);
    if (questions !== 1 || !isAsked(sent, name, packet, end)) return BAD;
    if (failure !== undefined) return failure;
    if ((flags & TC) !== 0) return { kind: "truncated" };
    if ((flags & RCODE) === NXDOMAIN)
      return { kind: "answer", answer: { status: "none", reason: "nxdomain" } };
    const records = readRecords(packet, names, end + QUESTION_TAIL_BYTES);
    return { kind: "answer", answer: choose(packet, names, records, sent) };
  } catch (error) {
    if (error instanceof MalformedPacket) return BAD;
    throw error;
  }
}

/** QTYPE and QCLASS. */
const QUESTION_TAIL_BYTES = 4;

function failureOf(rcode: number): Reading | undefined {
  switch (rcode) {
    case 0:
    case NXDOMAIN:
      return undefined;
    case SERVFAIL:
      return { kind: "answer", answer: fault("servfail") };
    case REFUSED:
      return { kind: "answer", answer: fault("refused") };
    case FORMERR:
      return { kind: "not understood", answer: fault("bad answer") };
    case NOTIMP:
      return { kind: "not understood", answer: fault("refused") };
    default:
      return BAD;
  }
}

function isAsked({ name: asked, type }: Sent, name: string, packet: Buffer, at: number): boolean {
  return (
    name.toLowerCase() === asked &&
    at + QUESTION_TAIL_BYTES <= packet.length &&
    packet.readUInt16BE(at) === TYPE_CODES[type] &&
    packet.readUInt16BE(at + 2) === CLASS_IN
  );
}

/** Where a record of the answer section is. */
interface Found {
  /** In lower case. */
  readonly owner: string;
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** TYPE, CLASS, TTL and RDLENGTH. */
const FIXED_BYTES = 10;

function readRecords(packet: Buffer, names: NameReader, from: number): readonly Found[] {
  const records: Found[] = [];
  let at = from;
  for (let left = packet.readUInt16BE(6); left > 0; left -= 1) {
    const { name, end: fixed } = names.read(at);
    const start = fixed + FIXED_BYTES;
    if (start > packet.length) throw new MalformedPacket("Cannot read record: the packet ends");
    const end = start + packet.readUInt16BE(start - 2);
    if (end > packet.length) throw new MalformedPacket("Cannot read record: the packet ends in it");
    if (packet.readUInt16BE(fixed + 2) === CLASS_IN)
      records.push({ owner: name.toLowerCase(), type: packet.readUInt16BE(fixed), start, end });
    at = end;
  }
  return records;
}

/** The records of the name that was asked for, or of that to which its CNAMEs lead. */
function choose(
  packet: Buffer,
  names: NameReader,
  records: readonly Found[],
  { name, type }: Sent,
): DnsAnswer {
  const wanted = records.filter((record) => record.type === TYPE_CODES[type]);
  const aliases = new Map(
    records
      .filter((record) => record.type === TYPE_CODES.CNAME)
      .map((record) => [record.owner, record]),
  );
  let owner = name;
  for (let followed = 0; followed <= MAX_CNAMES; followed += 1) {
    const own = wanted.filter((record) => record.owner === owner);
    if (own.length > 0) return valuesOf(packet, names, own, type);
    const alias = aliases.get(owner);
    // Records of others alone are no sign that this name has none.
    if (alias === undefined) return wanted.length > 0 ? fault("bad answer") : found([]);
    owner = nameIn(names, alias.start, alias.end).toLowerCase();
  }
  return fault("bad answer");
}

function valuesOf(
  packet: Buffer,
  names: NameReader,
  records: readonly Found[],
  type: AskedType,
): DnsAnswer {
  if (records.length > MAX_RECORDS) return fault("bad answer");
  const values: DnsRecord[] = [];
  let room = MAX_ANSWER_BYTES;
  for (const { start, end } of records) {
    const value = readRdata(packet, names, type, start, end);
    const size = recordSize(value);
    room -= size;
    if (size > MAX_RECORD_BYTES || room < 0) return fault("bad answer");
    values.push(value);
  }
  return found(values);
}
