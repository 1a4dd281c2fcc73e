import type { Buffer } from "node:buffer";

const SPACE = 0x20;
const COLON = 0x3a;

/** The name of a field. */
export interface FieldName {
  /** In lower case, without blanks. */
  readonly text: string;
  readonly colonAt: number;
}

/**
 * RFC 5322 section 2.2: printable ASCII, then the colon. Between them stand at most blanks (section 4.5); Exim and qmail
 * hand on folds and other bytes there, and some readers take them for blanks.
 *
 * @returns undefined for no field.
 */
export function fieldName(field: Buffer): FieldName | undefined {
  const nameEnd = endOfName(field);
  const colonAt = endOfBlanks(field, nameEnd);
  if (nameEnd === 0 || field[colonAt] !== COLON) return undefined;
  return { text: field.toString("latin1", 0, nameEnd).toLowerCase(), colonAt };
}

/** Whether a line has a name and nothing else: its colon may stand in a fold below. */
export function isBareName(line: Buffer): boolean {
  const nameEnd = endOfName(line);
  return nameEnd > 0 && endOfBlanks(line, nameEnd) === line.length;
}

function endOfName(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && isPrintable(bytes[at]) && bytes[at] !== COLON) at += 1;
  return at;
}

function endOfBlanks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && !isPrintable(bytes[at])) at += 1;
  return at;
}

function isPrintable(byte = 0): boolean {
  return byte > SPACE && byte < 0x7f;
}
