/**
 * What is wrong with the payload of an SMFIR_INSHEADER or SMFIR_CHGHEADER packet, or undefined if nothing is. It
 * shares no code with the encoder: a line that goes on must begin with white space and hold something else.
 *
 * @param payload one byte a character, without the letter.
 */
export function faultOfHeader(payload: string): string | undefined {
  const [name, value, rest, ...more] = payload.slice(4).split("\0");
  if (name === undefined || value === undefined || rest !== "" || more.length > 0)
    return "not two strings, each with its NUL";
  if (name === "") return "an empty name";
  for (const character of name)
    if (character <= " " || character > "~" || character === ":") return "no field name";
  if (value.includes("\r")) return "a CR in the value";
  for (const line of value.split("\n").slice(1)) {
    if (line[0] !== " " && line[0] !== "\t") return "a line that would be a field";
    if (line.trim() === "") return "a line of white space";
  }
  return undefined;
}
