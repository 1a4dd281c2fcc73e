import { Buffer } from "node:buffer";

/** RFC 5322 section 2.2: printable ASCII but the colon. */
const FIELD_NAME = /^[!-9;-~]{1,200}$/;

/** Whether an answer can name the field: names stand in quotes, between colons. */
export function isFieldName(name: string): boolean {
  return FIELD_NAME.test(name) && !/["\\]/.test(name);
}

/**
 * A field of ours as lines with LF between them, as latin1: none is empty, none could be taken for another field.
 *
 * @returns undefined if the name is none.
 */
export function headerField(name: string, value: string): string | undefined {
  if (!isFieldName(name)) return undefined;
  return folded(oneByteEach(`${name}: ${value.replace(/^ /, "")}`));
}

/** A field as it was received, likewise. Exim's strings end at a NUL. */
export function folded(field: string): string {
  const [first = "", ...folds] = field.replaceAll("\0", "").split(/\r\n?|\n/);
  return [first, ...folds.map((fold) => (/^[ \t]/.test(fold) ? fold : ` ${fold}`))]
    .filter((line) => /[^ \t]/.test(line))
    .join("\n");
}

/** A field in one line (RFC 5322 section 2.2.3). */
export function unfolded(field: string): string {
  const lines = field.split(/\n[ \t]+/);
  const last = lines.pop() ?? "";
  return [...lines.map(withoutBlanksAtEnd), last].join(" ").replaceAll("\t", " ");
}

/** A loop, since a pattern for blanks at the end takes quadratic time where they are not at the end. */
function withoutBlanksAtEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end -= 1;
  return line.slice(0, end);
}

/** Text from the wire is latin1 already; what does not fit into that is UTF-8. */
function oneByteEach(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}
