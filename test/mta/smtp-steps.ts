/** One thing a scripted SMTP client does. Lines are sent with CRLF; most steps wait for one reply. */
export type Step =
  /** Waits for the greeting. */
  | { readonly kind: "banner" }
  | LineStep
  /**
   * DATA and, after a 354, the message: two exchanges. A message given as text has its line ends made
   * CRLF, bytes stay as they are; dots are stuffed and the end is added (with a CRLF before it if the
   * message lacks one). `asIs` sends the bytes alone: stuffing and end are the caller's.
   */
  | {
      readonly kind: "data";
      readonly message: string | Uint8Array;
      readonly framing?: "stuffed" | "asIs";
    }
  /** Several commands in one write, then one reply for each. A `data` step may come last. */
  | {
      readonly kind: "pipeline";
      readonly steps: readonly [...LineStep[], LineStep | Extract<Step, { kind: "data" }>];
    }
  /** Exactly these bytes, in one write; then `replies` replies are awaited (default 1). */
  | { readonly kind: "raw"; readonly bytes: string | Uint8Array; readonly replies?: number }
  | { readonly kind: "pause"; readonly ms: number }
  /** Something else happens meanwhile; the next step waits for it. */
  | { readonly kind: "meanwhile"; readonly action: () => Promise<void> }
  /** Ends the TCP connection without QUIT: "reset" (default) by RST, "end" by FIN. */
  | { readonly kind: "close"; readonly how?: "reset" | "end" };

/** A command of one line with one reply. `parameters` follow the path, as in `SIZE=100 BODY=8BITMIME`. */
export type LineStep =
  | { readonly kind: "ehlo" | "helo"; readonly name: string }
  | { readonly kind: "mail"; readonly from: string; readonly parameters?: string }
  | { readonly kind: "rcpt"; readonly to: string; readonly parameters?: string }
  /** XCLIENT of Postfix; values are written as xtext. The reply is a new greeting. */
  | { readonly kind: "xclient"; readonly attributes: Readonly<Record<string, string>> }
  | { readonly kind: "rset" | "noop" | "quit" }
  | { readonly kind: "line"; readonly text: string };

/** The command without CRLF. */
export function lineOf(step: LineStep): string {
  switch (step.kind) {
    case "ehlo":
    case "helo":
      return `${step.kind.toUpperCase()} ${step.name}`;
    case "mail":
      return `MAIL FROM:<${step.from}>${step.parameters ? ` ${step.parameters}` : ""}`;
    case "rcpt":
      return `RCPT TO:<${step.to}>${step.parameters ? ` ${step.parameters}` : ""}`;
    case "xclient":
      return `XCLIENT ${Object.entries(step.attributes)
        .map(([name, value]) => `${name}=${xtext(value)}`)
        .join(" ")}`;
    case "rset":
    case "noop":
    case "quit":
      return step.kind.toUpperCase();
    case "line":
      return step.text;
    default:
      return unreachable(step);
  }
}

/** The bytes of a message between 354 and the final reply: dots stuffed, end of data added. */
export function stuffed(message: string | Uint8Array): Buffer {
  const bytes =
    typeof message === "string" ? Buffer.from(message.replace(/\r?\n/g, "\r\n")) : message;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Buffer[] = [];
  let from = 0;
  const dot = Buffer.from(".");
  if (source[0] === 0x2e) parts.push(dot);
  // Also after a bare LF: Postfix takes it as a line end and removes the dot.
  for (let at = source.indexOf("\n."); at >= 0; at = source.indexOf("\n.", at + 1)) {
    parts.push(source.subarray(from, at + 1), dot);
    from = at + 1;
  }
  parts.push(source.subarray(from));
  const isComplete = source.length === 0 || source.subarray(-2).equals(Buffer.from("\r\n"));
  parts.push(Buffer.from(isComplete ? ".\r\n" : "\r\n.\r\n"));
  return Buffer.concat(parts);
}

/** RFC 3461 section 4. */
function xtext(value: string): string {
  return value.replace(/[^!-*,-<>-~]/g, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `+${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}

function unreachable(value: never): never {
  throw new TypeError(`Unknown step ${JSON.stringify(value)}`);
}
