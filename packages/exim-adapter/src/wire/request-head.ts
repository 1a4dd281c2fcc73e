import { Buffer } from "node:buffer";
import { GrowingBuffer } from "./growing-buffer.ts";
import { ProtocolError } from "./protocol-error.ts";

export type Dialect = "line" | "spamd" | "rspamd";

interface Opening {
  readonly dialect: Dialect;
  readonly first: string;
  readonly end: string;
  readonly maxBytes: number;
}

const OPENINGS: readonly Opening[] = [
  { dialect: "line", first: "POSTERN1 ", end: "\n", maxBytes: 8192 },
  // As many recipients as Exim lets in (recipients_max is 50,000) must have room.
  { dialect: "spamd", first: "REPORT SPAMC/", end: "\r\n\r\n", maxBytes: 2 << 20 },
  { dialect: "rspamd", first: "CHECK RSPAMC/", end: "\r\n\r\n", maxBytes: 2 << 20 },
];

/** What a request begins with: a line, or the head before a message. */
export interface RequestHead {
  readonly dialect: Dialect;
  /** Without what ends it, one character for each byte. */
  readonly text: string;
  /** What came behind it. */
  readonly rest: Buffer;
}

/** Gathers the head of a request from bytes cut anywhere. The dialect is told by the first of them. */
export class HeadReader {
  readonly #gathered = new GrowingBuffer();
  #opening: Opening | undefined;

  /** null while it is not known. */
  get dialect(): Dialect | null {
    return this.#opening?.dialect ?? null;
  }

  /** The memory it takes. */
  get heldBytes(): number {
    return this.#gathered.capacityBytes;
  }

  /** The first bytes, in hexadecimal digits. */
  get firstBytesHex(): string {
    return this.#gathered.bytes.toString("hex", 0, 32);
  }

  /**
   * Takes the next bytes.
   *
   * @returns undefined while more are needed.
   * @throws {ProtocolError} if no dialect begins so, or the head is longer than one may be.
   */
  push(chunk: Buffer): RequestHead | undefined {
    const searchFrom = Math.max(0, this.#gathered.length - 3);
    this.#gathered.add(chunk);
    const { bytes } = this.#gathered;
    this.#opening ??= openingOf(bytes);
    if (this.#opening === undefined) return undefined;
    const { dialect, end, maxBytes } = this.#opening;
    const at = bytes.indexOf(end, searchFrom, "latin1");
    if ((at === -1 ? bytes.length : at + end.length) > maxBytes)
      throw new ProtocolError(`Cannot read a head of more than ${maxBytes} bytes`);
    if (at === -1) return undefined;
    return {
      dialect,
      text: bytes.toString("latin1", 0, at),
      rest: Buffer.from(bytes.subarray(at + end.length)),
    };
  }
}

function openingOf(bytes: Buffer): Opening | undefined {
  const begun = bytes.toString("latin1", 0, 16);
  const found = OPENINGS.find(({ first }) => begun.startsWith(first));
  if (found === undefined && !OPENINGS.some(({ first }) => first.startsWith(begun)))
    throw new ProtocolError("Cannot read the request: no dialect begins so");
  return found;
}
