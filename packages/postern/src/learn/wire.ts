import type { Lesson } from "./learn-header.ts";
import type { Mark } from "./marks.ts";

/** A mail server's limit on a header is less (Postfix: 102,400 bytes). */
export const MAX_HEADER_BYTES: number = 1 << 18;

/** The longest answer in bytes, with its line end. */
export const MAX_ANSWER_BYTES = 4096;

/**
 * What has been read of one request: `postern-learn 1 spam` or `ham`, the header of the message, an empty line. Lines end
 * with LF or CRLF. docs/junk.md has it for those who write their own client.
 */
export type Request =
  | { readonly kind: "more" }
  | { readonly kind: "whole"; readonly mark: Mark; readonly header: string }
  | { readonly kind: "wrong"; readonly reason: string };

/** Puts the pieces of one request together; says what is wrong as soon as it is known, and never keeps more than it may. */
export class RequestReader {
  #bytes = 0;
  #first = "";
  #mark: Mark | undefined;
  readonly #pieces: string[] = [];
  /** The end of what was read: an empty line may be cut anywhere. */
  #tail = "\n";

  push(chunk: Uint8Array): Request {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_HEADER_BYTES)
      return { kind: "wrong", reason: `the header has more than ${MAX_HEADER_BYTES} bytes` };
    const text = Buffer.from(chunk).toString("latin1");
    return this.#mark === undefined ? this.#readFirst(text) : this.#readHeader(this.#mark, text);
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
    const mark = /^postern-learn 1 (spam|ham)\r?$/.exec(line)?.[1];
    if (mark !== "spam" && mark !== "ham") return { kind: "wrong", reason: NO_FIRST_LINE };
    this.#mark = mark;
    return this.#readHeader(mark, this.#first.slice(end + 1));
  }

  #readHeader(mark: Mark, text: string): Request {
    this.#pieces.push(text);
    const seam = this.#tail + text;
    this.#tail = seam.slice(-2);
    if (!/\n\r?\n/.test(seam)) return { kind: "more" };
    const [header = ""] = this.#pieces.join("").split(EMPTY_LINE, 1);
    return { kind: "whole", mark, header };
  }
}

const EMPTY_LINE = /(?:^|\r?\n)\r?\n/;

const NO_FIRST_LINE = "the first line is neither `postern-learn 1 spam` nor `postern-learn 1 ham`";

/** Longer than any first line that is one of ours. */
const MAX_FIRST_LINE = 64;

/** @param header latin1; what stands behind an empty line is not sent. */
export function encodeRequest(mark: Mark, header: string): Buffer {
  const [only = ""] = header.split(EMPTY_LINE, 1);
  return Buffer.from(`postern-learn 1 ${mark}\n${only}\n\n`, "latin1");
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
