import { Buffer } from "node:buffer";
import { GrowingBuffer } from "./growing-buffer.ts";
import { ProtocolError } from "./protocol-error.ts";
import { splitAddresses } from "./split-addresses.ts";

const LF = 0x0a;
/** Exim (4.96) writes all recipients into one line. */
const MAX_ENVELOPE_BYTES = 2 << 20;
const FROM = "From ";
const SENDER = "X-Envelope-From: ";
const RECIPIENTS = "X-Envelope-To: ";

/** What Exim says at the top of its copy, and where the message begins. */
export interface MboxEnvelope {
  /** null: it names none. */
  readonly recipients: readonly string[] | null;
  readonly rest: Buffer;
}

/**
 * Takes Exim's own lines off the top of its copy of a message (spool_mbox.c): `From `, `X-Envelope-From:`, which a
 * bounce does not have, and `X-Envelope-To:`, in this order. Nothing is searched for: what a sender wrote below stays.
 */
export class MboxEnvelopeReader {
  readonly #gathered = new GrowingBuffer();
  /** Lines that may come next, in their order. */
  #expected: readonly string[];
  /** Where the next line begins. */
  #at = 0;
  /** So far there is no end of it. */
  #searched = 0;

  /** The memory it takes. */
  get heldBytes(): number {
    return this.#gathered.capacityBytes;
  }

  /** @param from the reverse path, empty for a bounce. */
  constructor(from: string) {
    this.#expected = from === "" ? [FROM, RECIPIENTS] : [FROM, SENDER, RECIPIENTS];
  }

  /**
   * Takes the next bytes.
   *
   * @returns undefined while more are needed.
   * @throws {ProtocolError} if it does not begin with `From `, or is longer than it may be.
   */
  push(chunk: Buffer): MboxEnvelope | undefined {
    this.#gathered.add(chunk);
    const { bytes } = this.#gathered;
    for (;;) {
      const line = this.#whichLine(bytes);
      if (line === "unsure") return undefined;
      if (line === "message") return this.#over(null);
      const end = bytes.indexOf(LF, Math.max(this.#at, this.#searched));
      if ((end === -1 ? bytes.length : end) > MAX_ENVELOPE_BYTES)
        throw new ProtocolError(`Cannot read an envelope of more than ${MAX_ENVELOPE_BYTES} bytes`);
      this.#searched = bytes.length;
      if (end === -1) return undefined;
      const value = bytes.toString("latin1", this.#at + line.length, end);
      this.#at = end + 1;
      this.#searched = this.#at;
      this.#expected = this.#expected.slice(this.#expected.indexOf(line) + 1);
      if (line === RECIPIENTS) return this.#over(splitAddresses(value));
    }
  }

  /**
   * The copy has ended.
   *
   * @throws {ProtocolError} if there was no whole `From ` line.
   */
  end(): MboxEnvelope {
    if (this.#expected[0] === FROM)
      throw new ProtocolError("Cannot read the message: it is not a copy of Exim's");
    return this.#over(null);
  }

  #whichLine(bytes: Buffer): string | "unsure" | "message" {
    const begun = bytes.toString("latin1", this.#at, this.#at + SENDER.length);
    const line = this.#candidates.find((first) => begun.startsWith(first));
    if (line !== undefined) return line;
    if (this.#candidates.some((first) => first.startsWith(begun))) return "unsure";
    if (this.#expected[0] === FROM)
      throw new ProtocolError("Cannot read the message: it is not a copy of Exim's");
    return "message";
  }

  /** `From ` cannot be left out. */
  get #candidates(): readonly string[] {
    return this.#expected[0] === FROM ? [FROM] : this.#expected;
  }

  #over(recipients: readonly string[] | null): MboxEnvelope {
    return { recipients, rest: Buffer.from(this.#gathered.bytes.subarray(this.#at)) };
  }
}
