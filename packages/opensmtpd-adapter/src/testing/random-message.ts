import type { Random } from "@postern/smtp-filter/testing";

const HEADER_LINES: readonly [string, ...string[]] = [
  "Subject: a|b",
  "From: <a@x.example>",
  "Authentication-Results: mx; spf=pass",
  "authentication-results : mx;",
  "AUTHENTICATION-RESULTS:mx",
  "X-Spam: yes",
  "X-Postern: id=2",
  "Received: from elsewhere",
  " a fold",
  "\t",
  "\tanother: fold",
  "no field at all",
  "From x Tue Nov 24",
  ".dot: y",
  "X-Bytes: \xff\x01\r",
  ": no name",
  "bad name: z",
];
const BODY_LINES: readonly [string, ...string[]] = [
  "",
  ".",
  "..",
  ".a",
  "text",
  "a|b|",
  "\xff\x1b\r",
  "a\r.\rb",
  "Authentication-Results: mx; in the body",
  "x".repeat(998),
];
/** Longer than what a release before 7.4 takes back, and than any does. */
const LONG_LINES = ["y".repeat(1_940), ".".repeat(1_970), "z.".repeat(32_500)] as const;

/** The lines of a message as the client meant them, smtpd's own on top. */
export function randomMessage(random: Random): string[] {
  const lines: string[] = [];
  if (random.chance(0.1)) lines.push("X-Spam: Yes");
  if (random.chance(0.95)) lines.push("Received: from x", "\tby mx");
  for (let n = random.below(8); n > 0; n -= 1) lines.push(random.pick(HEADER_LINES));
  if (random.chance(0.1)) return lines;
  lines.push("");
  for (let n = random.below(8); n > 0; n -= 1) lines.push(random.pick(BODY_LINES));
  if (random.chance(0.05))
    lines.splice(random.below(lines.length + 1), 0, random.pick([...LONG_LINES]));
  // More than what is shown to the engine at a time, and more than a block of the spool.
  if (random.chance(0.02)) {
    const line = random.pick(BODY_LINES).repeat(random.below(20));
    for (let n = random.below(3_000); n > 0; n -= 1) lines.push(line.slice(0, 900));
  }
  return lines;
}
