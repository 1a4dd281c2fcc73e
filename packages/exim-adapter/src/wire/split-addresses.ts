/**
 * Splits Exim's list of recipients, `a@x, "b, c@d"@y`. Commas and blanks within a quoted local part do not separate
 * (RFC 5321 section 4.1.2).
 */
export function splitAddresses(text: string): readonly string[] {
  const addresses: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isQuoted && char === "\\") at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === "," && text[at + 1] === " ") {
      addresses.push(text.slice(start, at));
      start = at + 2;
    }
  }
  addresses.push(text.slice(start));
  return addresses.filter((address) => address !== "");
}

/**
 * What two ways to write one recipient have in common: at RCPT Exim gives the local part in lower case and quoted anew
 * (`$local_part`), in its list of recipients as the client wrote it.
 */
export function comparable(address: string): string {
  const at = address.lastIndexOf("@");
  const local = at === -1 ? address : address.slice(0, at);
  const quoted = /^"(.*)"$/s.exec(local)?.[1];
  const plain = quoted === undefined ? local : quoted.replace(/\\(.)/gs, "$1");
  return `${plain}\n${at === -1 ? "" : address.slice(at + 1)}`.toLowerCase();
}
