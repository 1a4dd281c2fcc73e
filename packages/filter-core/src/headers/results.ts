import type { Facts } from "../facts/facts.ts";
import type { Judgement } from "../judgement/judge.ts";
import type { MessageOutcome } from "../judgement/message-outcome.ts";
import { formatPoints } from "../policy/points.ts";
import type { Policy } from "../policy/policy.ts";
import { authenticationResults } from "./authentication-results.ts";

export interface HeaderField {
  readonly name: string;
  /** Folds are LF and a blank. */
  readonly value: string;
}

const MAX_LINE = 78;

/** What smtpd of OpenSMTPD writes itself, and what Sieve scripts and mail programs look for since SpamAssassin. */
const SPAM_MARKS: readonly HeaderField[] = [
  { name: "X-Spam", value: "yes" },
  { name: "X-Spam-Flag", value: "YES" },
];

/**
 * The fields we put on top of a message from outside, the topmost first (docs/authentication.md, docs/junk.md).
 * Nothing for clients that were not judged.
 *
 * @param proof words of printable ASCII that X-Postern ends in, on lines of their own.
 */
export function headersFor(
  facts: Facts,
  judgement: Judgement,
  { action, would, mode, marking }: MessageOutcome,
  policy: Policy,
  id: string,
  proof: readonly string[] = [],
): readonly HeaderField[] {
  if (facts.standing !== "outside") return [];
  const score = lowestScore(facts);
  const { debt, credit, observations } = judgement;
  const rules = observations.map(({ rule }) => rule).join(",") || "-";
  const fields = [
    `id=${id}`,
    `action=${action}`,
    `debt=${formatPoints(debt)}`,
    `credit=${formatPoints(credit)}`,
    `rules=${rules}`,
    ...(would === null ? [] : [`would=${would}`]),
    ...(mode === marking ? [] : [`mode=${mode}`, `marking=${marking}`]),
  ];
  return [
    { name: "Authentication-Results", value: authenticationResults(facts) },
    { name: "X-Postern", value: [fields.join(" "), ...linesOf(proof)].join("\n ") },
    ...(action === "junk" ? SPAM_MARKS : []),
    ...(policy.scoreHeader && score !== undefined
      ? [{ name: "X-SenderScore", value: String(score) }]
      : []),
  ];
}

/** As many words to a line as readers show without breaking it (RFC 5322 section 2.1.1). */
function linesOf(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 2 <= MAX_LINE)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function lowestScore({ scores = [] }: Facts): number | undefined {
  const known = scores.flatMap(({ result }) => (result.status === "found" ? [result.value] : []));
  return known.length === 0 ? undefined : Math.min(...known);
}
