import type { Buffer } from "node:buffer";

const TAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;

/** The name of a field. */
export interface FieldName {
  /** In lower case, without blanks. */
  readonly text: string;
  readonly colonAt: number;
}

/** RFC 5322 sections 2.2 and 4.5: printable ASCII, then perhaps blanks, then the colon. undefined for no field. */
export function fieldName(line: Buffer): FieldName | undefined {
  let nameEnd = 0;
  while (isNameByte(line[nameEnd])) nameEnd += 1;
  let colonAt = nameEnd;
  while (line[colonAt] === SPACE || line[colonAt] === TAB) colonAt += 1;
  if (nameEnd === 0 || line[colonAt] !== COLON) return undefined;
  return { text: line.toString("latin1", 0, nameEnd).toLowerCase(), colonAt };
}

function isNameByte(byte = 0): boolean {
  return byte > SPACE && byte < 0x7f && byte !== COLON;
}
