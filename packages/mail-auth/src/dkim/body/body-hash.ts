import { createHash, type Hash } from "node:crypto";

export type BodyAlgorithm = "sha256" | "sha1";
/** The value of l= in bytes of the canonical body. Without it, or with what is no length, all is hashed. */
export type BodyLimit = number | "";

const BREAKS_AT_ONCE = 2048;
const BREAKS: Buffer = Buffer.from("\r\n".repeat(BREAKS_AT_ONCE), "latin1");

/** Counts and hashes a canonical body, up to the limit of l=. */
export class CanonicalBody {
  readonly #hash: Hash;
  readonly #limit: number;
  #length = 0;
  #hashed = 0;

  constructor(hash: Hash, limit: number) {
    this.#hash = hash;
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  get hashedBytes(): number {
    return this.#hashed;
  }

  write(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const room = this.#limit - this.#hashed;
    if (room <= 0) return;
    const part = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#hash.update(part);
    this.#hashed += part.length;
  }

  writeLineBreaks(count: number): void {
    for (let left = count; left > 0; left -= BREAKS_AT_ONCE) {
      this.write(BREAKS.subarray(0, 2 * Math.min(left, BREAKS_AT_ONCE)));
    }
  }

  /** What is here now; the two go on apart. */
  copy(): CanonicalBody {
    const copy = new CanonicalBody(this.#hash.copy(), this.#limit);
    copy.#length = this.#length;
    copy.#hashed = this.#hashed;
    return copy;
  }

  digest(encoding: "base64"): string {
    return this.#hash.digest(encoding);
  }
}

const WORK_BYTES = 8192;
/** Up to here a loop is faster than the call of a native copy. */
const LOOP_BYTES = 40;
/** From here on hashing in place is faster than collecting. */
const DIRECT_BYTES = 2048;

/** Collects small pieces of a canonical body, since hashing each of them would take longer than reading it. */
export class CollectedBody {
  readonly #out: CanonicalBody;
  readonly #work: Buffer = Buffer.allocUnsafeSlow(WORK_BYTES);
  #used = 0;

  constructor(out: CanonicalBody) {
    this.#out = out;
  }

  get length(): number {
    return this.#out.length + this.#used;
  }

  /** Without what is still to be hashed. */
  get hashedBytes(): number {
    return this.#out.hashedBytes;
  }

  put(byte: number): void {
    if (this.#used === WORK_BYTES) this.#flush();
    this.#work[this.#used++] = byte;
  }

  write(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length > WORK_BYTES - this.#used || length >= DIRECT_BYTES) this.#flush();
    if (length >= DIRECT_BYTES) {
      this.#out.write(bytes.subarray(start, end));
    } else if (length > LOOP_BYTES) {
      bytes.copy(this.#work, this.#used, start, end);
      this.#used += length;
    } else {
      const work = this.#work;
      let used = this.#used;
      for (let at = start; at < end; at += 1) work[used++] = bytes[at] as number;
      this.#used = used;
    }
  }

  writeLineBreaks(count: number): void {
    if (2 * count > WORK_BYTES - this.#used) {
      this.#flush();
      this.#out.writeLineBreaks(count);
      return;
    }
    const work = this.#work;
    let used = this.#used;
    for (let left = count; left > 0; left -= 1) {
      work[used++] = 13;
      work[used++] = 10;
    }
    this.#used = used;
  }

  digest(encoding: "base64"): string {
    this.#flush();
    return this.#out.digest(encoding);
  }

  #flush(): void {
    if (this.#used > 0) this.#out.write(this.#work.subarray(0, this.#used));
    this.#used = 0;
  }
}

export function createCanonicalBody(
  algorithm: BodyAlgorithm,
  limit: BodyLimit | undefined,
): CanonicalBody {
  const bytes = typeof limit === "number" && limit >= 0 ? limit : Infinity;
  return new CanonicalBody(createHash(algorithm), bytes);
}
