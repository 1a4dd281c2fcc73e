/*
 * RFC 6376 section 3.4 by plain string code, for the test signers: it shares nothing with what it tests. Texts are
 * latin1, one character for each byte; only CRLF ends a line, a bare CR or LF is a character like others.
 */

export type Form = "simple" | "relaxed";
export type Canonicalization = `${Form}/${Form}`;

export interface RawMessage {
  /** Whole fields with their folds, without the CRLF that ends them. */
  readonly fields: readonly string[];
  /** What follows the empty line. */
  readonly body: string;
}

/** Cuts a message at its first empty line. */
export function readMessage(message: string): RawMessage {
  const end = message.startsWith("\r\n") ? 0 : message.indexOf("\r\n\r\n") + 2;
  const head = end === 1 ? message : message.slice(0, end);
  const body = end === 1 ? "" : message.slice(end + 2);
  const fields = head.split(/\r\n(?![ \t])/).filter((field) => field !== "");
  return { fields, body };
}

/** The name of a field in lower case. */
export function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":")).trimEnd().toLowerCase();
}

/** Section 3.4.1 or 3.4.2, without the CRLF at the end. */
export function canonicalField(field: string, form: Form): string {
  if (form === "simple") return field;
  const value = field.slice(field.indexOf(":") + 1).replaceAll("\r\n", "");
  return `${nameOf(field)}:${value.replace(/[ \t]+/g, " ").replace(/^ | $/g, "")}`;
}

/** Section 3.4.3 or 3.4.4. */
export function canonicalBody(body: string, form: Form): string {
  const lines = body.split("\r\n");
  const kept = form === "simple" ? lines : lines.map(relaxedLine);
  let count = kept.length;
  while (count > 0 && kept[count - 1] === "") count -= 1;
  if (count === 0) return form === "simple" ? "\r\n" : "";
  return `${kept.slice(0, count).join("\r\n")}\r\n`;
}

function relaxedLine(line: string): string {
  const single = line.replace(/[ \t]+/g, " ");
  return single.endsWith(" ") ? single.slice(0, -1) : single;
}

/**
 * The fields that h= names, in its order: the nth mention of a name is the nth field of it from the bottom, and nothing
 * where there are no more (section 5.4.2).
 */
export function selectFields(fields: readonly string[], names: readonly string[]): string[] {
  const left = new Map<string, string[]>();
  for (const field of fields) {
    const same = left.get(nameOf(field));
    if (same === undefined) left.set(nameOf(field), [field]);
    else same.push(field);
  }
  return names
    .map((name) => left.get(name.toLowerCase())?.pop())
    .filter((field) => field !== undefined);
}
