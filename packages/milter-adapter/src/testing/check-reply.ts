/**
 * What is wrong with the payload of an SMFIR_REPLYCODE packet, or undefined if nothing is. It shares no code with
 * the encoder: the rules are those of Postfix 3.12 (every line), of sendmail's printf, and of RFC 5321.
 *
 * @param payload one byte a character, without the letter.
 */
export function faultOfReply(payload: string): string | undefined {
  if (!payload.endsWith("\0")) return "no NUL at the end";
  const text = payload.slice(0, -1);
  if (text.includes("\0")) return "a NUL inside";
  const lines = text.split("\r\n");
  if (lines.length > 32) return "more than 32 lines";
  const code = text.slice(0, 3);
  for (const [i, line] of lines.entries()) {
    const fault = faultOfLine(line, code, i === lines.length - 1 ? " " : "-");
    if (fault !== undefined) return `line ${i}: ${fault}`;
  }
  return undefined;
}

function faultOfLine(line: string, code: string, separator: string): string | undefined {
  for (const character of line)
    if (character < " " || character > "~")
      return `character ${character.codePointAt(0)} is not printable`;
  if (!"45".includes(line[0] ?? "x")) return "the code is of no refusing class";
  if (!isDigit(line[1]) || !isDigit(line[2])) return "the code is not of three digits";
  if (line.slice(0, 3) !== code) return "another code than in the first line";
  if (line[3] !== separator) return `no ${JSON.stringify(separator)} after the code`;
  const rest = line.slice(4);
  if (isDigit(rest[0]) && !isEnhancedOf(rest, code)) return "a digit that is not an enhanced code";
  let shown = 0;
  for (let i = 0; i < line.length; i += 1) {
    if (line[i] === "%" && line[i + 1] !== "%") return "a single per cent sign";
    if (line[i] === "%") i += 1;
    shown += 1;
  }
  return shown > 510 ? "more than 512 bytes with its CRLF" : undefined;
}

function isEnhancedOf(rest: string, code: string): boolean {
  const [tag = ""] = rest.split(" ", 1);
  const parts = tag.split(".");
  return (
    parts.length === 3 &&
    parts[0] === code[0] &&
    parts.every((part) => part.length > 0 && part.length <= 3 && [...part].every(isDigit))
  );
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= "0" && character <= "9";
}
