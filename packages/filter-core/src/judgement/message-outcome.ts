import { type MtaName, traitsOf } from "@postern/smtp-filter";
import { type Mode, mildestMode, strictestMode } from "../policy/mode.ts";
import type { Policy } from "../policy/policy.ts";
import type { Treatment } from "../policy/treatment.ts";
import type { Action, Decision } from "./decision.ts";
import type { Judgement } from "./judge.ts";

/** What becomes of a message. `would`: what `enforce` would have done; null in enforce mode. */
export interface MessageOutcome {
  readonly action: Action;
  /** Behind a refusal; null where the message is let in. */
  readonly decision: Decision | null;
  readonly would: Action | null;
  /** The mode that decided about refusal: the most lenient among the recipients. */
  readonly mode: Mode;
  /** The mode that decided about marks: the strictest among them. */
  readonly marking: Mode;
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
): MessageOutcome {
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

function isRefusal(decision: Decision | null): boolean {
  return decision !== null && decision.action !== "junk";
}
