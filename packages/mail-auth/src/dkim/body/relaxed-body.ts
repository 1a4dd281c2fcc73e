import type { BodyHash } from "../../mailauth/mailauth.ts";
import {
  type BodyAlgorithm,
  type BodyLimit,
  CollectedBody,
  createCanonicalBody,
} from "./body-hash.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** As a signed number, which is what bit operations give. */
const HIGH_BITS = 0x80808080 | 0;

/**
 * The body in the relaxed form, RFC 6376 section 3.4.4: runs of blanks are one space, none stands before a line end,
 * no empty lines end the body. In one pass: blanks and line ends are held back as numbers until it is known what
 * follows them; stretches that are canonical as they stand are copied, long ones hashed where they are.
 *
 * A bare LF ends a line and becomes CRLF, which the RFC leaves open; a bare CR is content.
 */
export class RelaxedBody implements BodyHash {
  readonly #out: CollectedBody;
  #byteLength = 0;
  /** Held back, in this order: line ends, one space for any blanks, a CR that may turn out to begin a CRLF. */
  #lineBreaks = 0;
  #hasSpace = false;
  #hasCr = false;
  #hasBareLineFeed = false;

  constructor(algorithm: BodyAlgorithm, limit?: BodyLimit) {
    this.#out = new CollectedBody(createCanonicalBody(algorithm, limit));
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get canonicalizedLength(): number {
    return this.#out.length;
  }

  get bodyHashedBytes(): number {
    return this.#out.hashedBytes;
  }

  get hasBareLineFeed(): boolean {
    return this.#hasBareLineFeed;
  }

  update(chunk: Uint8Array | null): void {
    if (chunk === null) return;
    this.#byteLength += chunk.length;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = 0;
    while (at < bytes.length) {
      at = this.#hold(bytes, at);
      if (at === bytes.length) return;
      this.#release();
      at = this.#copyContent(bytes, view, at);
    }
  }

  digest(encoding: "base64"): string {
    // A CR that no LF follows is content, and so is what stands before it.
    if (this.#hasCr) this.#release();
    if (this.#out.length > 0) this.#out.writeLineBreaks(1);
    return this.#out.digest(encoding);
  }

  setContentType(): void {}

  getMimeStructureStart(): number {
    return 0;
  }

  /** Takes blanks and line ends. @returns where content is; with a CR in hand, it is content before that. */
  #hold(bytes: Buffer, start: number): number {
    let lineBreaks = this.#lineBreaks;
    let hasSpace = this.#hasSpace;
    let hasCr = this.#hasCr;
    let at = start;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (byte === LF) {
        if (!hasCr) this.#hasBareLineFeed = true;
        lineBreaks += 1;
        hasSpace = false;
        hasCr = false;
      } else if (hasCr) {
        break;
      } else if (byte === CR) {
        hasCr = true;
      } else if (byte === SPACE || byte === TAB) {
        hasSpace = true;
      } else {
        break;
      }
    }
    this.#lineBreaks = lineBreaks;
    this.#hasSpace = hasSpace;
    this.#hasCr = hasCr;
    return at;
  }

  /** Writes what was held back: content follows it. */
  #release(): void {
    const out = this.#out;
    if (this.#lineBreaks > 0) out.writeLineBreaks(this.#lineBreaks);
    if (this.#hasSpace) out.put(SPACE);
    if (this.#hasCr) out.put(CR);
    this.#lineBreaks = 0;
    this.#hasSpace = false;
    this.#hasCr = false;
  }

  /**
   * Writes content as far as what follows it is known. A blank or a line end is only decided about here where content
   * follows in the same chunk. @returns where that ends.
   */
  #copyContent(bytes: Buffer, view: DataView, start: number): number {
    const out = this.#out;
    const { length } = bytes;
    let from = start;
    let at = start;
    for (;;) {
      while (at <= length - 4 && isContent(view.getInt32(at, true))) at += 4;
      while (at < length && (bytes[at] as number) > SPACE) at += 1;
      if (at === length) break;
      const byte = bytes[at] as number;
      if (byte === SPACE && at + 1 < length && (bytes[at + 1] as number) > SPACE) {
        at += 2;
      } else if (byte === SPACE || byte === TAB) {
        let next = at + 1;
        while (next < length && (bytes[next] === SPACE || bytes[next] === TAB)) next += 1;
        if (next === length || (bytes[next] as number) <= SPACE) break;
        if (byte === TAB) {
          out.write(bytes, from, at);
          out.put(SPACE);
        } else {
          out.write(bytes, from, at + 1);
        }
        from = next;
        at = next + 1;
      } else if (byte === CR) {
        if (at + 1 === length) break;
        if (bytes[at + 1] === LF) {
          let next = at + 2;
          while (next + 1 < length && bytes[next] === CR && bytes[next + 1] === LF) next += 2;
          if (next === length || (bytes[next] as number) <= SPACE) break;
          at = next + 1;
        } else {
          at += 1;
        }
      } else if (byte === LF) {
        this.#hasBareLineFeed = true;
        if (at + 1 === length || (bytes[at + 1] as number) <= SPACE) break;
        out.write(bytes, from, at);
        out.put(CR);
        from = at;
        at += 2;
      } else {
        at += 1;
      }
    }
    out.write(bytes, from, at);
    return at;
  }
}

/** Whether each of four bytes is greater than a space: adding 0x5f carries into the high bit of those that are. */
function isContent(four: number): boolean {
  return ((((four & 0x7f7f7f7f) + 0x5f5f5f5f) | four) & 0x80808080) === HIGH_BITS;
}
