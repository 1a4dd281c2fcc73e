import { ProtocolError } from "./protocol-error.ts";

/** A field of a request head: its name in lower case, its value without the blank after the colon. */
export type HeadField = readonly [name: string, value: string];

/**
 * Reads the lines below the first of a request head. Lines end at CR LF only: Exim (4.96) hands a bare CR of a quoted
 * local part on.
 *
 * @throws {ProtocolError} if one has no name.
 */
export function headFields(lines: readonly string[]): readonly HeadField[] {
  return lines.map((line) => {
    const [, name = "", value = ""] = /^([A-Za-z-]+): ?(.*)$/s.exec(line) ?? [];
    if (name === "") throw new ProtocolError("Cannot read a line of the head: it has no name");
    return [name.toLowerCase(), value] as const;
  });
}

/** The value of a field that comes at most once; null: it is not there. */
export function single(fields: readonly HeadField[], name: string): string | null {
  const found = fields.filter((field) => field[0] === name);
  if (found.length > 1)
    throw new ProtocolError(`Cannot read ${name}: it comes ${found.length} times`);
  return found[0]?.[1] ?? null;
}

/** How long the message is that follows. */
export function contentLength(fields: readonly HeadField[]): number {
  const text = single(fields, "content-length");
  if (text === null || !/^\d{1,15}$/.test(text))
    throw new ProtocolError("Cannot read the message: Content-length is not a number");
  return Number(text);
}
