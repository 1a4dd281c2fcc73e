import { readMessage } from "./canonical.ts";

/** A field: its name, and what follows the colon as on the wire, with its blank and its folds. Latin1. */
export type Field = readonly [name: string, value: string];

/** A message as a mail server hands it on: header first, then the body in chunks. */
export interface MailParts {
  readonly headers: readonly Field[];
  /** Chunks of up to 65,535 bytes, as of a milter; made anew each time it is walked through. */
  readonly body: Iterable<Uint8Array>;
}

const CHUNK_BYTES = 65_535;

export function partsOf(message: string): MailParts {
  const { fields, body } = readMessage(message);
  const headers = fields.map((field): Field => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon), field.slice(colon + 1)];
  });
  return { headers, body: textBody(body) };
}

/** The whole message. */
export function bytesOf({ headers, body }: MailParts): Uint8Array {
  const head = headers.map(([name, value]) => `${name}:${value}\r\n`).join("");
  return Buffer.concat([Buffer.from(`${head}\r\n`, "latin1"), ...body]);
}

/** @param text latin1 */
export function textBody(text: string): Iterable<Uint8Array> {
  return {
    *[Symbol.iterator]() {
      for (let at = 0; at < text.length; at += CHUNK_BYTES)
        yield Buffer.from(text.slice(at, at + CHUNK_BYTES), "latin1");
    },
  };
}

/** `unit` again and again, `totalBytes` in all; memory for one chunk. */
export function repeatedBody(unit: string, totalBytes: number): Iterable<Uint8Array> {
  const usable = CHUNK_BYTES - (CHUNK_BYTES % unit.length);
  const chunk = Buffer.alloc(usable, unit, "latin1");
  return {
    *[Symbol.iterator]() {
      for (let left = totalBytes; left > 0; left -= usable)
        yield left < usable ? chunk.subarray(0, left) : chunk;
    },
  };
}
