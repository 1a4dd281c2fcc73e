/**
 * Client text for a log line or an explanation: bytes outside 0x21 to 0x7e, and `"`, `\`, `<`, `>`, as `\xHH`.
 * Characters above 0xff cannot come from a client; they are written as their UTF-16 halves.
 */
export function quoteBytes(text: string): string {
  return text.replace(/[^\x21-\x7e]|["\\<>]/g, (char) => {
    const code = char.charCodeAt(0);
    return code > 0xff ? `${hex(code >> 8)}${hex(code & 0xff)}` : hex(code);
  });
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
