import type { BodyHash } from "../../mailauth/mailauth.ts";
import {
  type BodyAlgorithm,
  type BodyLimit,
  type CanonicalBody,
  createCanonicalBody,
} from "./body-hash.ts";

const LF = 10;
const CR = 13;
const LONE_CR: Buffer = Buffer.from("\r", "latin1");

/**
 * The body in the simple form, RFC 6376 section 3.4.3: as it stands, but that exactly one line end ends it. Chunks are
 * hashed where they are; only the line ends at the end of what came so far are held back.
 *
 * CRLFs are held back as a number. A bare LF ends a line too, which the RFC leaves open, but within the body it stays
 * what it is; a run with bare LFs in it is therefore hashed at once, and the hash as it was before is kept until it
 * is known whether content follows. A bare CR is content.
 */
export class SimpleBody implements BodyHash {
  #out: CanonicalBody;
  #byteLength = 0;
  #lineBreaks = 0;
  /** The hash before the run of line ends, where that is in `#out` already. */
  #beforeRun: CanonicalBody | undefined;
  /** The last byte was a CR: content, or half a line end. */
  #hasCr = false;

  constructor(algorithm: BodyAlgorithm, limit?: BodyLimit) {
    this.#out = createCanonicalBody(algorithm, limit);
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

  /** Within the body a bare LF is content like any other: only at its end it is taken for a CRLF. */
  get hasBareLineFeed(): boolean {
    return this.#beforeRun !== undefined;
  }

  update(chunk: Uint8Array | null): void {
    if (chunk === null || chunk.length === 0) return;
    this.#byteLength += chunk.length;
    const endsWithCr = chunk[chunk.length - 1] === CR;
    const end = endsWithCr ? chunk.length - 1 : chunk.length;
    const run = findRun(chunk, end);
    // A CR in hand is content where no LF follows it.
    if (run.start > 0 || (this.#hasCr && chunk[0] !== LF)) this.#release();
    if (run.start > 0) this.#out.write(chunk.subarray(0, run.start));
    if (run.start < end) this.#hold(chunk.subarray(run.start, end), run.bareLfs);
    this.#hasCr = endsWithCr;
  }

  digest(encoding: "base64"): string {
    if (this.#hasCr) this.#release();
    const out = this.#beforeRun ?? this.#out;
    out.writeLineBreaks(1);
    this.#out = out;
    return out.digest(encoding);
  }

  setContentType(): void {}

  getMimeStructureStart(): number {
    return 0;
  }

  /** Takes line ends that nothing follows so far; the CR in hand is the first half of the first of them. */
  #hold(run: Uint8Array, bareLfs: number): void {
    const bare = this.#hasCr ? bareLfs - 1 : bareLfs;
    if (bare === 0 && this.#beforeRun === undefined) {
      this.#lineBreaks += (run.length + (this.#hasCr ? 1 : 0)) / 2;
      return;
    }
    this.#beforeRun ??= this.#out.copy();
    this.#writeHeld();
    this.#out.write(run);
  }

  /** Content follows: what was held back is part of the body. */
  #release(): void {
    this.#beforeRun = undefined;
    this.#writeHeld();
    this.#hasCr = false;
  }

  #writeHeld(): void {
    this.#out.writeLineBreaks(this.#lineBreaks);
    this.#lineBreaks = 0;
    if (this.#hasCr) this.#out.write(LONE_CR);
  }
}

/** The line ends that end `chunk` before `end`, and how many of them have no CR in this chunk. */
function findRun(chunk: Uint8Array, end: number): { start: number; bareLfs: number } {
  let start = end;
  let bareLfs = 0;
  while (start > 0 && chunk[start - 1] === LF) {
    start -= 1;
    if (start > 0 && chunk[start - 1] === CR) start -= 1;
    else bareLfs += 1;
  }
  return { start, bareLfs };
}
