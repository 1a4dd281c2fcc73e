import {
  formatReply,
  type MtaName,
  type Reply,
  stayingReply,
  traitsOf,
} from "@postern/smtp-filter";
import { isBefore, latestOf, type Stage } from "../facts/stage.ts";
import { type Mode, mildestMode, strictestMode } from "../policy/mode.ts";
import type { Policy } from "../policy/policy.ts";
import { fillReply, type ReplyValues } from "../policy/reply-template.ts";
import type { Treatment } from "../policy/treatment.ts";
import type { Action, Decision } from "./decision.ts";
import type { Judgement } from "./judge.ts";

/** What becomes of a message. `would`: what `enforce` would have done; null in enforce mode. */
export interface Outcome {
  readonly action: Action;
  /** Behind a refusal; null where the message is let in. */
  readonly decision: Decision | null;
  readonly would: Action | null;
  /** The mode that decided about refusal: the most lenient among the recipients. */
  readonly mode: Mode;
  /** The mode that decided about marks: the strictest among them. */
  readonly marking: Mode;
}

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

/**
 * What becomes of the whole message. One verdict for all recipients: the mildest mode among them decides about refusal,
 * the strictest about marks, so that one recipient who only observes does not free a message for all the others.
 * Where all of them are open doors, what was seen before DATA refuses nothing: it makes junk.
 *
 * @param mta who asks: for notqmail, what was seen before DATA has not been told yet.
 */
export function outcomeOf(
  judgement: Judgement,
  treatments: readonly Treatment[],
  policy: Policy,
  mta: MtaName = "milter",
): Outcome {
  const isOpen = treatments.length > 0 && treatments.every(({ door }) => door === "open");
  const decision = isOpen ? behindOpenDoor(judgement) : judgement.message;
  const enforced = decision?.action ?? "accept";
  const modes = treatments.map((treatment) => treatment.mode);
  const mode = mildestMode(modes, policy.mode);
  const marking = strictestMode(modes, policy.mode);
  switch (mode) {
    case "observe":
    case "junk": {
      const marked = marking === "observe" ? "accept" : (decision?.inJunkMode ?? "accept");
      return { action: marked, decision: null, would: enforced, mode, marking };
    }
    case "enforce": {
      // What others refuse at RCPT can be refused only here; the message cannot offset it.
      const isFirstAsked = traitsOf(mta).asks === "connect-and-end" && !isOpen;
      const told = isFirstAsked ? (judgement.early ?? decision) : decision;
      const refused = isRefusal(told) ? told : null;
      return { action: told?.action ?? "accept", decision: refused, would: null, mode, marking };
    }
  }
}

/** What refuses only because of what was seen before DATA makes junk; a deferral that would let it in lets it in. */
function behindOpenDoor({ message, messageAlone }: Judgement): Decision | null {
  if (message === null || !isRefusal(message)) return message;
  if (messageAlone !== null && isRefusal(messageAlone))
    return { ...messageAlone, inJunkMode: message.inJunkMode };
  if (message.inJunkMode === "accept") return null;
  return { ...message, action: "junk", inJunkMode: "junk" };
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

function isRefusal(decision: Decision | null): boolean {
  return decision !== null && decision.action !== "junk";
}
