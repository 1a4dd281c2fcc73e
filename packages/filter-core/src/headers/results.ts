import type { Facts } from "../facts.ts";
import type { Judgement } from "../judge.ts";
import type { Policy } from "../policy.ts";
import type { Outcome } from "../telling.ts";
import { authenticationResults } from "./authentication-results.ts";

export interface HeaderField {
  readonly name: string;
  /** Folds are LF and a blank. */
  readonly value: string;
}

/** What smtpd of OpenSMTPD writes itself, and what Sieve scripts and mail programs look for since SpamAssassin. */
const SPAM_MARKS: readonly HeaderField[] = [
  { name: "X-Spam", value: "yes" },
  { name: "X-Spam-Flag", value: "YES" },
];

/**
 * The fields we put on top of a message from outside, the topmost first (DESIGN.md section 4).
 * Nothing for clients that were not judged.
 */
export function headersFor(
  facts: Facts,
  judgement: Judgement,
  { action, would, mode, marking }: Outcome,
  policy: Policy,
  id: string,
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
    { name: "X-Postern", value: fields.join(" ") },
    ...(action === "junk" ? SPAM_MARKS : []),
    ...(policy.scoreHeader && score !== undefined
      ? [{ name: "X-SenderScore", value: String(score) }]
      : []),
  ];
}

/** Points as people write them: at most two decimals. */
export function formatPoints(points: number): string {
  return String(Math.round(points * 100) / 100);
}

function lowestScore({ scores = [] }: Facts): number | undefined {
  const known = scores.flatMap(({ result }) => (result.status === "found" ? [result.value] : []));
  return known.length === 0 ? undefined : Math.min(...known);
}
