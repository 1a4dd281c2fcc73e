import { Buffer } from "node:buffer";

/** RFC 5322 section 2.2: printable ASCII but the colon. */
const FIELD_NAME = /^[!-9;-~]+$/;

/**
 * A header field as lines of a message, without their line ends, as latin1: none is empty, none could be taken for
 * another field, and none is longer than `maxBytes`. undefined if the name is none.
 */
export function headerLines(
  name: string,
  value: string,
  maxBytes: number,
): readonly string[] | undefined {
  if (!FIELD_NAME.test(name) || name.length > maxBytes / 2) return undefined;
  const text = oneByteEach(`${name}: ${value.replace(/^ /, "")}`);
  const [first = "", ...folds] = text.replaceAll("\0", "").split(/\r\n?|\n/);
  return [first, ...folds.map((fold) => (/^[ \t]/.test(fold) ? fold : ` ${fold}`))]
    .flatMap((line) => cutLong(line, maxBytes))
    .filter((line) => /[^ \t]/.test(line));
}

/** Cuts a line that smtpd would not take, at any place: our own are never that long. */
function cutLong(line: string, maxBytes: number): readonly string[] {
  if (line.length <= maxBytes) return [line];
  const lines = [line.slice(0, maxBytes)];
  for (let at = maxBytes; at < line.length; at += maxBytes - 1)
    lines.push(` ${line.slice(at, at + maxBytes - 1)}`);
  return lines;
}

/** Text from the wire is latin1 already; what does not fit into that is UTF-8. */
function oneByteEach(text: string): string {
  return /[^\0-\xff]/.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;
}
