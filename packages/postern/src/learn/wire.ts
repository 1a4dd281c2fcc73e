import type { ByteText } from "@postern/smtp-filter";
import type { Lesson } from "./learn-header.ts";
import type { Mark } from "./mark-memory.ts";

/** A mail server's limit on a header is less (Postfix: 102,400 bytes). */
export const MAX_HEADER_BYTES: number = 1 << 18;

/** The longest answer in bytes, with its line end. */
export const MAX_ANSWER_BYTES = 4096;

/** What a user says of a message. */
export interface MarkRequest {
  readonly mark: Mark;
  /** As whoever sends the mark names him; null: he is not named. */
  readonly user: ByteText | null;
  /** latin1, with any line ends. */
  readonly header: string;
}

/**
 * What has been read of one request: `postern-learn 1 spam` or `ham`, where it is known a blank and the user; the header
 * of the message; an empty line. Lines end with LF or CRLF. docs/junk.md has it for those who write their own client.
 */
export type Request =
  | { readonly kind: "more" }
  | ({ readonly kind: "whole" } & MarkRequest)
  | { readonly kind: "wrong"; readonly reason: string };

/** Puts the pieces of one request together; says what is wrong as soon as it is known, and never keeps more than it may. */
export class RequestReader {
  #bytes = 0;
  #first = "";
  #said: Omit<MarkRequest, "header"> | undefined;
  readonly #pieces: string[] = [];
  /** The end of what was read: an empty line may be cut anywhere. */
  #tail = "\n";

  push(chunk: Uint8Array): Request {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_HEADER_BYTES)
      return { kind: "wrong", reason: `the header has more than ${MAX_HEADER_BYTES} bytes` };
    const text = Buffer.from(chunk).toString("latin1");
    return this.#said === undefined ? this.#readFirst(text) : this.#readHeader(this.#said, text);
  }

  /** Of this request, read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  #readFirst(text: string): Request {
    this.#first += text;
    const end = this.#first.indexOf("\n");
    if (end === -1 && this.#first.length <= MAX_FIRST_LINE) return { kind: "more" };
    const line = end === -1 ? this.#first : this.#first.slice(0, end);
    const [, mark, user = null] = FIRST_LINE.exec(line) ?? [];
    if (mark !== "spam" && mark !== "ham") return { kind: "wrong", reason: NO_FIRST_LINE };
    this.#said = { mark, user };
    return this.#readHeader(this.#said, this.#first.slice(end + 1));
  }

  #readHeader(said: Omit<MarkRequest, "header">, text: string): Request {
    this.#pieces.push(text);
    const seam = this.#tail + text;
    this.#tail = seam.slice(-2);
    if (!/\n\r?\n/.test(seam)) return { kind: "more" };
    const [header = ""] = this.#pieces.join("").split(EMPTY_LINE, 1);
    return { kind: "whole", ...said, header };
  }
}

const EMPTY_LINE = /(?:^|\r?\n)\r?\n/;

const FIRST_LINE = /^postern-learn 1 (spam|ham)(?: ([ -~\x80-\xff]{1,256}))?\r?$/;

const NO_FIRST_LINE =
  "the first line is neither `postern-learn 1 spam` nor `postern-learn 1 ham`, with or without a user behind it";

/** Longer than any first line that is one of ours. */
const MAX_FIRST_LINE = 320;

/**
 * A user's name as it is handed on, in UTF-8.
 *
 * @returns undefined if it is none: empty, longer than 256 bytes, or with control characters.
 */
export function parseUser(text: string): ByteText | undefined {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  return FIRST_LINE.exec(`postern-learn 1 ham ${bytes}`)?.[2] === bytes ? bytes : undefined;
}

/** What stands behind an empty line is not sent. */
export function encodeRequest({ mark, user, header }: MarkRequest): Buffer {
  const [only = ""] = header.split(EMPTY_LINE, 1);
  const first = user === null ? mark : `${mark} ${user}`;
  return Buffer.from(`postern-learn 1 ${first}\n${only}\n\n`, "latin1");
}

export function encodeAnswer({ outcome, text }: Lesson): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, MAX_ANSWER_BYTES - 16);
  return `${outcome} ${plain}\n`;
}

/** @returns undefined if it is not an answer, or not a whole one. */
export function decodeAnswer(line: string): Lesson | undefined {
  const [, outcome, text = ""] = /^(learned|refused|later) ([\x20-\x7e]*)\n$/.exec(line) ?? [];
  return outcome === "learned" || outcome === "refused" || outcome === "later"
    ? { outcome, text }
    : undefined;
}
