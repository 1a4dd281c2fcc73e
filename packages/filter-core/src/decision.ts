import type { Facts } from "./facts.ts";
import type { Observation } from "./observation.ts";
import type { Policy } from "./policy.ts";
import type { ReplyTemplate } from "./reply-template.ts";
import { isBefore, latestOf, STAGES, type Stage } from "./stage.ts";
import { sumCredit, sumDebt } from "./sums.ts";

export type Action = "accept" | "junk" | "tempfail" | "reject";

/** What the policy makes of the facts, and which rule speaks for it. */
export interface Decision {
  readonly action: Exclude<Action, "accept">;
  readonly rule: string;
  readonly decidedAt: Stage;
  /** The first stage at which the policy wants the client told. */
  readonly tellAt: Stage;
  readonly reply: ReplyTemplate;
  readonly zone: string;
  readonly url: string;
  /** What is left of it in junk mode, where nothing is refused: refusals become junk, deferrals are let in. */
  readonly inJunkMode: "accept" | "junk";
}

/** Of what could be decided at each stage, the decision that can be told first. */
export function decideEarly(
  observations: readonly Observation[],
  facts: Facts,
  policy: Policy,
): Decision | null {
  const credit = sumCredit(facts, policy, "connection");
  let first: Decision | null = null;
  for (const stage of STAGES.slice(0, -1)) {
    const known = observations.filter(
      (seen) => seen.kind !== "weighed" && !isBefore(stage, seen.stage),
    );
    const decision = decide(known, credit, policy, stage);
    if (decision === null || decision.action === "junk") continue;
    if (first === null || isBefore(decision.tellAt, first.tellAt)) first = decision;
  }
  return first;
}

/** What the policy makes of these observations, taken as all there is. */
export function decide(
  observations: readonly Observation[],
  credit: number,
  policy: Policy,
  stage: Stage,
): Decision | null {
  const { reject, junk } = policy.thresholds;
  const balance = sumDebt(observations, policy.caps) - credit;
  const [heaviest] = observations.toSorted((a, b) => b.debt - a.debt);
  const marker =
    observations.find(({ decides }) => decides === "junk") ??
    (balance >= junk ? heaviest : undefined);
  const byItself = observations.find(({ decides }) => decides === "refuse");
  const bySum = balance >= reject ? heaviest : undefined;
  // A hard rule speaks first. But "come back later" must not save a message that the sums refuse for good:
  // a forger would only have to keep a DNS server of his silent.
  const speaker =
    byItself !== undefined && isTemporary(byItself) ? (bySum ?? byItself) : (byItself ?? bySum);
  if (speaker !== undefined) return refuse(speaker, marker, policy, stage);
  return marker === undefined
    ? null
    : { ...refuse(marker, marker, policy, stage), action: "junk", inJunkMode: "junk" };
}

/** @param marker what makes junk of the message, were it not refused. */
function refuse(
  speaker: Observation,
  marker: Observation | undefined,
  { refuseAt }: Policy,
  stage: Stage,
): Decision {
  const { rule, reply, tellAt, zone, url } = speaker;
  // A 4xx from before the message is a lasting fault told softly (poolp-2019), no deferral.
  const isDeferral = isTemporary(speaker) && speaker.stage === "message";
  return {
    action: isTemporary(speaker) ? "tempfail" : "reject",
    rule,
    decidedAt: stage,
    tellAt: latestOf(stage, refuseAt, tellAt),
    reply,
    zone,
    url,
    inJunkMode: isDeferral && marker === undefined ? "accept" : "junk",
  };
}

function isTemporary({ reply }: Observation): boolean {
  return reply.code < 500;
}
