/** Text outside ASCII stands for its UTF-8 bytes. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function wrongType(path: string, value: unknown, allowed: string): TypeError {
  return new TypeError(
    `Cannot read ${path}: ${kindOf(value)} is not allowed, allowed is ${allowed}`,
  );
}

export function unreadable(path: string, what: string, allowed: string): SyntaxError {
  return new SyntaxError(`Cannot read ${path}: ${what} is not allowed, allowed is ${allowed}`);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** For a message: one line, not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
}
