import {
  type Action,
  type Facts,
  formatPoints,
  judge,
  type Policy,
  rules,
  type Verdict,
  verdictOf,
} from "@postern/filter-core";
import { isIpv6, type Mailbox, parseNetwork } from "@postern/smtp-filter";
import { TRY_DECISION_ID, type TryResult } from "./run-case.ts";

const MAX_LINES = 5;

/** From mild to severe, and what a message is then. */
const WORDS: Readonly<Record<Action, string>> = {
  accept: "accepted",
  junk: "junk",
  tempfail: "deferred",
  reject: "refused",
};
const SEVERITY = Object.keys(WORDS);

interface Change {
  /** `without rdns.none`. */
  readonly text: string;
  readonly action: Action;
}

/**
 * What would have made the verdict milder; for accepted mail, what keeps it from a worse one. Nothing is guessed: the
 * same facts are judged again with one thing changed.
 */
export function whatWouldChange(result: TryResult, policy: Policy): readonly string[] {
  const { facts, verdict } = result;
  if (facts.standing !== "outside") return [];
  if (verdict.rule?.startsWith("fault.") === true) return withoutFault(verdict.rule, facts, policy);
  if (verdictIn(verdict) === "accept") return whatKeepsIt(result, policy);
  const prefix = verdict.would === null ? "" : "in enforce mode, ";
  const say = ({ text, action }: Change): string => `${prefix}${text} it would be ${WORDS[action]}`;
  const others = otherChanges(facts, policy, verdict).map(say);
  const fewer = fewerRules(result, policy).map(say);
  if (fewer.length === 0) return [`${prefix}no two rules less would change it`, ...others];
  return [...fewer.slice(0, MAX_LINES - others.length), ...others];
}

/** No rule has decided, so that none less would help. */
function withoutFault(fault: string, facts: Facts, policy: Policy): readonly string[] {
  const otherwise = WORDS[judgeAgain(facts, policy)];
  const cure = fault === "fault.dns" ? "with onDnsDown: accept" : "without this failure";
  return [`${cure} it would be ${otherwise}`];
}

/** What enforce mode would do, also where another one is set. */
function verdictIn({ action, would }: Verdict): Action {
  return would ?? action;
}

/** The smallest sets of rules without which the verdict is milder: single ones, else pairs; the best first. */
function fewerRules({ judgement, facts, verdict }: TryResult, policy: Policy): readonly Change[] {
  const counting = judgement.observations.filter(
    ({ debt, decides }) => debt > 0 || decides !== null,
  );
  const ids = [...new Set(counting.map(({ rule }) => rule))];
  const without = (...silent: readonly string[]) => ({
    silent,
    action: judgeAgain(facts, withoutRules(policy, silent)),
  });
  const isMilder = ({ action }: { readonly action: Action }): boolean =>
    severity(action) < severity(verdictIn(verdict));
  const singles = ids.map((id) => without(id)).filter(isMilder);
  if (singles.length > 0)
    return byAction(singles).map(([action, those]) => ({
      text: `without ${oneOf(those)}`,
      action,
    }));
  const all = ids.flatMap((one, i) => ids.slice(i + 1).map((other) => without(one, other)));
  return byAction(all.filter(isMilder)).flatMap(([action, those]) =>
    those.length === all.length && ids.length > 2
      ? [{ text: `without any two of ${ids.join(", ")}`, action }]
      : those.map(({ silent }) => ({ text: `without ${silent.join(" and ")}`, action })),
  );
}

interface Silenced {
  readonly silent: readonly string[];
  readonly action: Action;
}

function oneOf(singles: readonly Silenced[]): string {
  const ids = singles.flatMap(({ silent }) => silent);
  return ids.length === 1 ? ids.join() : `any one of ${ids.join(", ")}`;
}

/** The mildest first. */
function byAction(
  changes: readonly Silenced[],
): readonly (readonly [Action, readonly Silenced[]])[] {
  const groups = Map.groupBy(changes, ({ action }) => action);
  return [...groups].toSorted(([a], [b]) => severity(a) - severity(b));
}

/** What an administrator can do for this client, or for everybody, beside changing a rule. */
function otherChanges(facts: Facts, policy: Policy, verdict: Verdict): readonly Change[] {
  const { address } = facts.client;
  const network = parseNetwork(address ?? "");
  const changes: Change[] = [];
  if (address !== null && network !== undefined) {
    const text = `allow: [{ client: ${isIpv6(address) ? `"${address}"` : address} }]`;
    const entry = { selectors: [{ by: "client", network } as const], until: null, text };
    const action = judgeAgain(facts, { ...policy, allow: [entry, ...policy.allow] });
    changes.push({ text: `with ${text}`, action });
  }
  if (verdict.would === null)
    changes.push({
      text: "with mode: junk",
      action: verdictOn(facts, { ...policy, mode: "junk" }).action,
    });
  return changes.filter(({ action }) => severity(action) < severity(verdictIn(verdict)));
}

/** One line: what an accepted message owes its verdict to, or how far it is from a worse one. */
function whatKeepsIt({ facts, judgement }: TryResult, policy: Policy): readonly string[] {
  const unallowed = judgeAgain(facts, { ...policy, allow: [] });
  if (unallowed !== "accept") return [`without its allow entry it would be ${WORDS[unallowed]}`];
  const { forwarder: _, ...direct } = facts;
  const unforwarded = judgeAgain(direct, policy);
  if (unforwarded !== "accept")
    return [`without its entry in forwarders it would be ${WORDS[unforwarded]}`];
  const { reputation: _1, correspondents: _2, complaints: _3, vouched: _4, ...unknown } = facts;
  const unacquainted = judgeAgain(unknown, policy);
  if (unacquainted !== "accept")
    return [`without the learned reputation of its sender it would be ${WORDS[unacquainted]}`];
  const hasDebts = Object.values(policy.rules).some(
    ({ debt, tiers = [] }) => debt > 0 || tiers.some((tier) => "debt" in tier),
  );
  if (!hasDebts) return [];
  const { junk, reject } = policy.thresholds;
  const missing = Math.min(junk, reject) - judgement.balance;
  const what = junk < reject ? "make it junk" : "refuse it";
  const [heaviest] = judgement.observations.toSorted((a, b) => b.debt - a.debt);
  const nearest =
    heaviest === undefined || heaviest.debt === 0
      ? ""
      : `; ${heaviest.rule} (${formatPoints(heaviest.debt)}) is the largest part`;
  return [`${formatPoints(missing)} more debt would ${what}${nearest}`];
}

function judgeAgain(facts: Facts, policy: Policy): Action {
  return verdictIn(verdictOn(facts, policy));
}

/** As a conversation with these facts ends. */
function verdictOn(facts: Facts, policy: Policy): Verdict {
  const judged = facts.recipients.map((to) => ({
    to,
    judgement: judge(rules, atRcpt(facts, to), policy),
  }));
  return verdictOf(judge(rules, facts, policy), judged, facts, policy, TRY_DECISION_ID).verdict;
}

/** What was known when a recipient was named: nothing of the message. */
function atRcpt(facts: Facts, to: Mailbox): Facts {
  const { header: _1, forgedFields: _2, dkim: _3, arc: _4, dmarc: _5, forwarder, ...known } = facts;
  const isKnown = forwarder !== undefined && forwarder.by === "client";
  return { ...known, stage: "rcpt", recipients: [to], ...(isKnown ? { forwarder } : {}) };
}

function withoutRules(policy: Policy, silent: readonly string[]): Policy {
  const left = Object.entries(policy.rules).filter(([id]) => !silent.includes(id));
  return { ...policy, rules: Object.fromEntries(left) };
}

function severity(action: Action): number {
  return SEVERITY.indexOf(action);
}
