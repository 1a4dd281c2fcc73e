/** What a packet is made of: text is written as {@link bytesOf} says, a number as one uint32. */
export type Field = string | number | Uint8Array;

/** A whole frame: length, code letter, fields. */
export function frame(letter: string, ...fields: readonly Field[]): Uint8Array {
  const parts = fields.map((field) => (typeof field === "number" ? uint32(field) : bytesOf(field)));
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32BE(length, 0);
  bytes[4] = letter.charCodeAt(0);
  let at = 5;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A string of the protocol: without any NUL of its own, ended by one. */
export function nulEnded(text: string): string {
  return `${text.includes("\0") ? text.replaceAll("\0", "") : text}\0`;
}

/** Text as bytes: latin1, since text from the wire is that; UTF-8 where a character does not fit. */
function bytesOf(field: string | Uint8Array): Uint8Array {
  if (typeof field !== "string") return field;
  return Buffer.from(field, /[^\0-\xff]/.test(field) ? "utf8" : "latin1");
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value, 0);
  return bytes;
}
