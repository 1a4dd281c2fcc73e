/** A message in the parts a milter gets it in. */
export interface SplitMessage {
  /** Fields in their order. `value` is what follows the colon, folds as LF, one character a byte. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** With CRLF line ends, the last line's too. */
  readonly body: Uint8Array;
}

/**
 * Splits a message of CRLF or LF lines as Postfix does: the header ends at an empty line, or before the first line that
 * is neither a field nor the continuation of one.
 */
export function splitMessage(message: Uint8Array): SplitMessage {
  const lines = Buffer.from(message).toString("latin1").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const fields: { name: string; value: string }[] = [];
  let at = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const last = fields.at(-1);
    const field = /^([!-9;-~]+)[ \t]*:(.*)$/s.exec(line);
    if (last !== undefined && /^[ \t]/.test(line)) last.value += `\n${line}`;
    else if (field !== null) fields.push({ name: field[1] ?? "", value: field[2] ?? "" });
    else break;
  }
  if (lines[at] === "") at += 1;
  const body = lines.slice(at).map((line) => `${line}\r\n`);
  return { fields, body: Buffer.from(body.join(""), "latin1") };
}
