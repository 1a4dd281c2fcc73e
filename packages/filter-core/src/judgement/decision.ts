import type { Facts } from "../facts/facts.ts";
import { isBefore, latestOf, STAGES, type Stage } from "../facts/stage.ts";
import type { Policy } from "../policy/policy.ts";
import type { ReplyTemplate } from "../policy/reply-template.ts";
import { isDeferralDue, isYoungFault, soften } from "../reputation/retries.ts";
import { deferOnce } from "../rules/history.ts";
import type { RulePapers } from "../rules/rule.ts";
import type { Observation } from "./observation.ts";
import { balanceOf, type Trust, trustOf } from "./sums.ts";

export type Action = "accept" | "junk" | "tempfail" | "reject";

/** What the policy decides, and the rule that gives the reply. */
export interface Decision {
  readonly action: Exclude<Action, "accept">;
  readonly rule: string;
  readonly papers: RulePapers;
  readonly decidedAt: Stage;
  /** The first stage at which the policy allows the refusal. */
  readonly tellAt: Stage;
  readonly reply: ReplyTemplate;
  readonly zone: string;
  readonly url: string;
  /** What is left of it in junk mode, where nothing is refused: refusals become junk, deferrals are accepted. */
  readonly inJunkMode: "accept" | "junk";
}

/** The earliest decision that can be applied. */
export function decideEarly(
  observations: readonly Observation[],
  facts: Facts,
  policy: Policy,
): Decision | null {
  const trust = trustOf(facts, policy, "connection");
  let first: Decision | null = null;
  for (const stage of STAGES.slice(0, -1)) {
    const known = observations.filter(
      (seen) => seen.kind !== "weighed" && !isBefore(stage, seen.stage),
    );
    const decision = decide(known, trust, facts, policy, stage);
    if (decision === null || decision.action === "junk") continue;
    if (first === null || isToldBefore(decision, first)) first = decision;
  }
  return first;
}

/** Whether it is earlier, or at the same stage and permanent. */
function isToldBefore(a: Decision, b: Decision): boolean {
  if (isBefore(a.tellAt, b.tellAt)) return true;
  return a.tellAt === b.tellAt && a.action === "reject" && b.action === "tempfail";
}

/** What the policy decides if these are all the observations. */
export function decide(
  observations: readonly Observation[],
  trust: Trust,
  facts: Facts,
  policy: Policy,
  stage: Stage,
): Decision | null {
  const { reject, junk } = policy.thresholds;
  const balance = balanceOf(observations, policy, trust);
  const [heaviest] = byDebt(observations);
  const marker =
    observations.find(({ decides }) => decides === "junk") ??
    (balance >= junk ? heaviest : undefined);
  const byItself = observations.find(({ decides }) => decides === "refuse");
  const bySum = balance >= reject ? speakerOfSum(observations, trust, facts, policy) : undefined;
  // A hard rule decides first, but a deferral must not replace a permanent refusal by the balance:
  // a forger could get one by keeping a DNS server of his own silent.
  const speaker =
    byItself !== undefined && isTemporary(byItself) ? (bySum ?? byItself) : (byItself ?? bySum);
  if (speaker !== undefined) return refuse(speaker, marker, policy, stage);
  if (stage === "message" && isDeferralDue(balance, facts, policy)) {
    const deferral = deferralBy(marker, policy);
    if (deferral !== undefined) return deferral;
  }
  return marker === undefined
    ? null
    : { ...refuse(marker, marker, policy, stage), action: "junk", inJunkMode: "junk" };
}

/**
 * The observation with the most debt. A young fault of a server's set-up speaks softly, but only where nothing else
 * would refuse the client for good.
 */
function speakerOfSum(
  observations: readonly Observation[],
  trust: Trust,
  facts: Facts,
  policy: Policy,
): Observation | undefined {
  const [heaviest] = byDebt(observations);
  if (heaviest?.papers.firstRefusal !== "temporary" || !isYoungFault(facts, policy))
    return heaviest;
  const others = observations.filter(({ papers }) => papers.firstRefusal === "permanent");
  const balance = balanceOf(others, policy, trust);
  if (balance >= policy.thresholds.reject) return byDebt(others)[0];
  return { ...heaviest, reply: soften(heaviest.reply) };
}

/** Greylisting: an unknown sender is asked to retry, as mail servers do. Off if the policy does not have the rule. */
function deferralBy(marker: Observation | undefined, policy: Policy): Decision | undefined {
  const rule = policy.rules[deferOnce.id];
  return (
    rule && {
      action: "tempfail",
      rule: deferOnce.id,
      papers: deferOnce,
      decidedAt: "message",
      tellAt: "message",
      reply: rule.reply,
      zone: "",
      url: "",
      inJunkMode: marker === undefined ? "accept" : "junk",
    }
  );
}

function byDebt(observations: readonly Observation[]): readonly Observation[] {
  return observations.toSorted((a, b) => b.debt - a.debt);
}

/** @param marker what would mark the message as junk if it were not refused. */
function refuse(
  speaker: Observation,
  marker: Observation | undefined,
  { refuseAt }: Policy,
  stage: Stage,
): Decision {
  const { rule, papers, reply, tellAt, zone, url } = speaker;
  // A 4xx reply before the message stands for a permanent fault (poolp-2019); it is not a deferral.
  const isDeferral = isTemporary(speaker) && speaker.stage === "message";
  const unmarked = speaker.inJunkMode ?? (isDeferral ? "accept" : "junk");
  return {
    action: isTemporary(speaker) ? "tempfail" : "reject",
    rule,
    papers,
    decidedAt: stage,
    tellAt: latestOf(stage, refuseAt, tellAt),
    reply,
    zone,
    url,
    inJunkMode: marker === undefined ? unmarked : "junk",
  };
}

function isTemporary({ reply }: Observation): boolean {
  return reply.code < 500;
}
