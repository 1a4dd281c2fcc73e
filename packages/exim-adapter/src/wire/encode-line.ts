import type { Verdict } from "./verdict.ts";

/** Of a reply: an answer has less than 1,024 bytes even where every character is quoted. */
const MAX_TEXT_BYTES = 450;

/** The answer to one line. */
export function encodeLine(verdict: Verdict): string {
  return `v=1 ${verdictWords(verdict).join(" ")} z=1\n`;
}

/** `a=` and `m=`, for an answer of any dialect. */
export function verdictWords(verdict: Verdict): readonly [action: string, text: string] {
  const text = verdict.kind === "accept" ? "" : printable(verdict.text);
  return [`a=${verdict.kind}`, `m="${text.replace(/["\\]/g, "\\$&")}"`];
}

/** A reply in printable ASCII. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_TEXT_BYTES);
}
