import type { ByteText } from "@postern/smtp-filter";

/** Walks over bytes one by one and never goes back: who reads with it alone takes linear time. */
export class Cursor {
  readonly #text: ByteText;
  #at = 0;
  #steps = 0;

  constructor(text: ByteText) {
    this.#text = text;
  }

  get at(): number {
    return this.#at;
  }

  /** How many bytes were looked at or taken, those taken after a look twice. */
  get steps(): number {
    return this.#steps;
  }

  /** The next byte, which stays; the empty string at the end. */
  peek(): string {
    this.#steps += 1;
    return this.#text.charAt(this.#at);
  }

  /** The next byte, taken; the empty string at the end, as often as asked. */
  take(): string {
    this.#steps += 1;
    const char = this.#text.charAt(this.#at);
    this.#at += char.length;
    return char;
  }

  /** What was taken since the cursor stood at `start`. */
  since(start: number): ByteText {
    return this.#text.slice(start, this.#at);
  }
}
