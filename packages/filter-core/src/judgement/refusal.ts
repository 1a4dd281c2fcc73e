import {
  formatReply,
  type MtaName,
  type Reply,
  stayingReply,
  traitsOf,
} from "@postern/smtp-filter";
import { isBefore, latestOf, type Stage } from "../facts/stage.ts";
import { fillReply, type ReplyValues } from "../policy/reply-template.ts";
import type { Treatment } from "../policy/treatment.ts";
import type { Decision } from "./decision.ts";
import type { Judgement } from "./judge.ts";

/** The first stage at which a decision is applied: given by the policy, but not before the MTA shows our text. */
export function toldAt({ tellAt }: Pick<Decision, "tellAt">, mta: MtaName): Stage {
  const { asks, showsTextFrom } = traitsOf(mta);
  if (asks === "connect-and-end") return tellAt === "connect" ? "connect" : "message";
  return latestOf(tellAt, showsTextFrom);
}

/** The refusal that a client is told at a stage before the message; null: go on. */
export function refusalAt(
  stage: Stage,
  { early }: Judgement,
  mta: MtaName,
  { mode, door }: Treatment,
): Decision | null {
  if (early === null || mode !== "enforce" || door === "open") return null;
  return isBefore(stage, toldAt(early, mta)) ? null : early;
}

/** The reply to give. From MAIL on it never ends the session: that would cut off the other recipients. */
export function replyAt(
  stage: Stage,
  decision: Decision,
  values: Pick<ReplyValues, "ip" | "id">,
): Reply {
  const { rule, zone, url } = decision;
  const reply = fillReply(decision.reply, { ...values, rule, zone, url });
  return isBefore(stage, "mail") ? reply : stayingReply(reply);
}

/** The same as one line of text. */
export function replyTextAt(
  stage: Stage,
  decision: Decision,
  values: Pick<ReplyValues, "ip" | "id">,
): string {
  return formatReply(replyAt(stage, decision, values));
}
