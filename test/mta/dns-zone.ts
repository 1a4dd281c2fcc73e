/**
 * What a scripted DNS serves: the `dns` value of `postern try --jsonl`. A name
 * not listed is NXDOMAIN unless a listed name lies below it. Names have no final dot; within them
 * `\.`, `\\` and `\DDD` are RFC 1035 escapes and every other character stands for its UTF-8 bytes.
 */
export type Zone = Readonly<Record<string, ZoneName>>;

/** The records of one name, or how every question for it fails. */
export type ZoneName = DnsFailure | { readonly [Type in RecordType]?: ZoneRecords<Type> };

/** "timeout" is never answered; "servfail" at once. */
export type DnsFailure = "timeout" | "servfail";

/** The types a zone can hold. */
export type RecordType = keyof typeof typeNumbers;

/**
 * A, AAAA: addresses; PTR, CNAME: names; MX: `"10 mail.example.com"`; TXT: a text (cut into strings of
 * 255 bytes) or the list of its strings.
 */
export type ZoneRecords<Type extends RecordType> =
  | DnsFailure
  | readonly (Type extends "TXT" ? string | readonly string[] : string)[];

/** RFC 1035 section 3.2.2, RFC 3596. */
export const typeNumbers = { A: 1, CNAME: 5, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const;

/** An answer before it is bytes. */
export type ZoneAnswer =
  | { readonly kind: "timeout" }
  | {
      readonly kind: "answer";
      readonly rcode: "noerror" | "nxdomain" | "servfail";
      readonly records: readonly ZoneRecord[];
    };

/** One resource record; names and data are in wire format, uncompressed. */
export interface ZoneRecord {
  readonly owner: Buffer;
  readonly type: number;
  readonly data: Buffer;
}

/** The label of a wildcard, `*`. */
const WILDCARD = Buffer.from([1, 0x2a]);

/**
 * Makes the function that answers questions from `zone`, as a resolver does: CNAMEs are followed
 * within the zone and are part of the answer.
 * @throws {RangeError} if a name, address or MX cannot be written in wire format.
 */
export function openZone(zone: Zone): (name: Buffer, type: number) => ZoneAnswer {
  const names = new Map<string, ReadonlyMap<number, readonly Buffer[] | DnsFailure> | DnsFailure>();
  const above = new Set<string>();
  for (const [name, entry] of Object.entries(zone)) {
    const wire = encodeName(name);
    names.set(keyOf(wire), typeof entry === "string" ? entry : encodeEntry(entry));
    for (let at = 0; wire[at] !== undefined; at += (wire[at] ?? 0) + 1) {
      above.add(keyOf(wire.subarray(at)));
    }
  }
  /** What a name has, or the wildcard that covers it (RFC 4592 section 2.1). */
  const entryOf = (owner: Buffer): ReturnType<typeof names.get> => {
    if (above.has(keyOf(owner))) return names.get(keyOf(owner));
    for (let at = 0; (owner[at] ?? 0) > 0; at += (owner[at] ?? 0) + 1) {
      const rest = owner.subarray(at + (owner[at] ?? 0) + 1);
      const wildcard = names.get(keyOf(Buffer.concat([WILDCARD, rest])));
      if (wildcard !== undefined) return wildcard;
      if (above.has(keyOf(rest))) return undefined;
    }
    return undefined;
  };

  return (asked, type) => {
    const records: ZoneRecord[] = [];
    let owner = asked;
    for (let links = 0; links < 10; links++) {
      const entry = entryOf(owner);
      const found = typeof entry === "string" ? entry : entry?.get(type);
      if (found === "timeout") return { kind: "timeout" };
      if (found === "servfail") return { kind: "answer", rcode: "servfail", records: [] };
      const alias = typeof entry === "string" ? undefined : entry?.get(typeNumbers.CNAME);
      if (found === undefined && typeof alias === "object" && alias[0] !== undefined) {
        records.push({ owner, type: typeNumbers.CNAME, data: alias[0] });
        owner = alias[0];
        continue;
      }
      for (const data of found ?? []) records.push({ owner, type, data });
      return {
        kind: "answer",
        rcode: entry !== undefined || above.has(keyOf(owner)) ? "noerror" : "nxdomain",
        records,
      };
    }
    return { kind: "answer", rcode: "servfail", records: [] };
  };
}

/**
 * A name in wire format.
 * @throws {RangeError} if a label is empty or longer than 63 bytes, or the name longer than 255.
 */
export function encodeName(text: string): Buffer {
  if (text === ".") return Buffer.from([0]);
  const bytes: number[] = [];
  let label: number[] = [];
  const endLabel = () => {
    if (label.length < 1 || label.length > 63) {
      throw new RangeError(`Cannot encode ${JSON.stringify(text)}: labels have 1 to 63 bytes`);
    }
    bytes.push(label.length, ...label);
    label = [];
  };
  for (const [token] of text.matchAll(/\\\d{3}|\\?./gsu)) {
    if (token === ".") endLabel();
    else if (/^\\\d/.test(token)) label.push(Number(token.slice(1)) & 0xff);
    else label.push(...Buffer.from(token.length > 1 && token[0] === "\\" ? token.slice(1) : token));
  }
  if (label.length > 0) endLabel();
  bytes.push(0);
  if (bytes.length > 255) {
    throw new RangeError(`Cannot encode ${JSON.stringify(text)}: names have up to 255 bytes`);
  }
  return Buffer.from(bytes);
}

/** Wire format as a key that takes A-Z as a-z. Length bytes are below 64 and so never letters. */
function keyOf(wire: Buffer): string {
  return wire.toString("latin1").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function encodeEntry(entry: Exclude<ZoneName, DnsFailure>) {
  const types = new Map<number, readonly Buffer[] | DnsFailure>();
  for (const [type, records] of Object.entries(entry) as [RecordType, ZoneRecords<"TXT">][]) {
    if (!Object.hasOwn(typeNumbers, type)) throw new RangeError(`Cannot serve the type ${type}`);
    types.set(
      typeNumbers[type],
      typeof records === "string" ? records : records.map((value) => encodeData(type, value)),
    );
  }
  return types;
}

function encodeData(type: RecordType, value: string | readonly string[]): Buffer {
  if (type === "TXT") return encodeText(typeof value === "string" ? [value] : value);
  if (typeof value !== "string") throw new RangeError(`Cannot encode ${type}: it must be a text`);
  switch (type) {
    case "A":
      return encodeIpv4(value);
    case "AAAA":
      return encodeIpv6(value);
    case "MX": {
      const [, preference, name] = /^(\d+) (\S+)$/.exec(value) ?? [];
      if (name === undefined) throw new RangeError(`Cannot encode MX ${value}: needs "10 name"`);
      const head = Buffer.alloc(2);
      head.writeUInt16BE(Number(preference));
      return Buffer.concat([head, encodeName(name)]);
    }
    case "CNAME":
    case "PTR":
      return encodeName(value);
    default:
      return unreachable(type);
  }
}

function encodeText(strings: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const text of strings) {
    const bytes = Buffer.from(text);
    for (let at = 0; at === 0 || at < bytes.length; at += 255) {
      const part = bytes.subarray(at, at + 255);
      parts.push(Buffer.from([part.length]), part);
    }
  }
  return Buffer.concat(parts);
}

function encodeIpv4(text: string): Buffer {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) {
    throw new RangeError(`Cannot encode A ${text}: not an IPv4 address`);
  }
  return Buffer.from(parts);
}

function encodeIpv6(text: string): Buffer {
  if (!URL.canParse(`http://[${text}]`)) {
    throw new RangeError(`Cannot encode AAAA ${text}: not an IPv6 address`);
  }
  const [head = "", tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const before = groups(head);
  const after = groups(tail ?? "");
  const missing = Array<string>(8 - before.length - after.length).fill("0");
  return Buffer.from(
    [...before, ...missing, ...after].map((group) => group.padStart(4, "0")).join(""),
    "hex",
  );
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown type ${JSON.stringify(value)}`);
}
