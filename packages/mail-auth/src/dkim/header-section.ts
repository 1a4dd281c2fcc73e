import type { HeaderRow } from "../mailauth/mailauth.ts";

/** What of a header is kept to verify signatures over it. More is no header of an honest message. */
const MAX_FIELDS = 2_000;
const MAX_BYTES = 262_144;
const MAX_NAME_BYTES = 256;

const TAB = 0x09;
const SPACE = 0x20;
const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;

/** The fields of one message as they were signed: exact bytes, folds as CRLF. Bounded, whatever comes. */
export class HeaderSection {
  readonly rows: HeaderRow[] = [];
  /** How often each field stands, by lower-case name. */
  readonly counts: Map<string, number> = new Map();
  #bytes = 0;
  #isTooLarge = false;

  /** Whether something was left out, so that nothing can be said of any signature. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param rawValue what follows the colon, folds as LF or CRLF. */
  add(name: Uint8Array, rawValue: Uint8Array): void {
    this.#bytes += name.length + rawValue.length;
    if (this.rows.length >= MAX_FIELDS || this.#bytes > MAX_BYTES || name.length > MAX_NAME_BYTES) {
      this.#isTooLarge = true;
      this.rows.length = 0;
    }
    if (this.#isTooLarge) return;
    const casedKey = latin1(name.subarray(0, endOfName(name)));
    const key = casedKey.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.rows.push({ key, casedKey, line: fieldLine(name, rawValue) });
  }
}

/** Where the blanks before the colon begin. */
function endOfName(name: Uint8Array): number {
  let end = name.length;
  while (end > 0 && (name[end - 1] === SPACE || name[end - 1] === TAB)) end -= 1;
  return end;
}

/** `name:value`, every line end inside as CRLF. */
function fieldLine(name: Uint8Array, rawValue: Uint8Array): Buffer {
  let bareLineFeeds = 0;
  for (let at = rawValue.indexOf(LF); at !== -1; at = rawValue.indexOf(LF, at + 1))
    if (rawValue[at - 1] !== CR) bareLineFeeds += 1;
  const line = Buffer.allocUnsafe(name.length + 1 + rawValue.length + bareLineFeeds);
  line.set(name);
  line[name.length] = COLON;
  let end = name.length + 1;
  if (bareLineFeeds === 0) {
    line.set(rawValue, end);
    return line;
  }
  for (let at = 0; at < rawValue.length; at += 1) {
    const byte = rawValue[at] ?? 0;
    if (byte === LF && rawValue[at - 1] !== CR) {
      line[end] = CR;
      end += 1;
    }
    line[end] = byte;
    end += 1;
  }
  return line;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
