import type { Buffer } from "node:buffer";

const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;
const DOT = 0x2e;

/**
 * Reads the header of a message line by line, as it lies in a spool. The header is all that stands before the first
 * empty line; what is not a field there (a line without a colon, an mbox "From ") is passed over, so that nothing hides
 * behind it.
 *
 * smtpd writes `X-Spam: Yes`, where an earlier filter wanted it, and `Received` before anything of the client's: these
 * two, in this order, at the very top, are its own and no fields of the message as it was received.
 */
export class FieldScanner {
  /** Of the field that the last line belongs to: lower case, without blanks before the colon. Empty for none. */
  name = "";
  /** Where the colon of the field stands. */
  colonAt = 0;
  /** The field that the last line belongs to is smtpd's own. */
  isOwn = false;
  #top: "X-Spam" | "Received" | "over" = "X-Spam";

  /** @param start as {@link unstuffed} gives it. */
  see(bytes: Buffer, start: number, end: number): "field" | "fold" | "no-field" | "end" {
    if (start >= end) return "end";
    const first = bytes[start];
    if (first === SPACE || first === TAB) {
      if (this.name !== "") return "fold";
      this.#top = "over";
      return "no-field";
    }
    this.name = "";
    this.isOwn = false;
    const nameEnd = this.#nameEnd(bytes, start, end);
    if (nameEnd > start) this.name = bytes.toString("latin1", start, nameEnd).toLowerCase();
    this.#claim();
    return this.name === "" ? "no-field" : "field";
  }

  /** RFC 5322 sections 2.2 and 4.5: printable ASCII, then perhaps blanks, then the colon. `start` for no field. */
  #nameEnd(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && isNameByte(bytes[at])) at += 1;
    const nameEnd = at;
    while (at < end && isBlank(bytes[at])) at += 1;
    this.colonAt = at;
    return at < end && bytes[at] === COLON ? nameEnd : start;
  }

  #claim(): void {
    if (this.#top === "over") return;
    if (this.name === "received" || (this.name === "x-spam" && this.#top === "X-Spam")) {
      this.isOwn = true;
      this.#top = this.name === "received" ? "over" : "Received";
    } else {
      this.#top = "over";
    }
  }
}

/** Where a line begins when its stuffed dot is taken off (RFC 5321 section 4.5.2). */
export function unstuffed(bytes: Buffer, start: number, end: number): number {
  return bytes[start] === DOT && start < end ? start + 1 : start;
}

function isNameByte(byte = 0): boolean {
  return byte > SPACE && byte < 0x7f && byte !== COLON;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
