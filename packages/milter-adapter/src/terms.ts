import type { Answers } from "./answers.ts";
import {
  ACTIONS,
  hasBit,
  missingActions,
  type Negotiation,
  negotiate,
  type Offer,
  PROTOCOL,
} from "./wire/negotiate.ts";
import { ProtocolError } from "./wire/protocol-error.ts";

const WANTED_ACTIONS = ACTIONS.addHeaders | ACTIONS.changeHeaders;

/**
 * What this filter asks for: header changes, fields with their leading blank, recipients that the MTA refuses, unknown
 * commands; and no answers to headers, as no verdict is given before the end of the message.
 *
 * @throws {ProtocolError} if header changes are not offered and the settings say to close then.
 */
export function agree(offer: Offer, answers: Answers): Negotiation {
  const { settings } = answers;
  const negotiation = negotiate(
    offer,
    {
      actions: WANTED_ACTIONS,
      protocol:
        PROTOCOL.headerUnanswered |
        PROTOCOL.endOfHeadersUnanswered |
        PROTOCOL.refusedRecipients |
        PROTOCOL.leadingSpace |
        bodyWish(offer),
      macroLists: settings.macroLists,
    },
    settings.maxPacketBytes,
  );
  const names = missingActions(negotiation.actions, WANTED_ACTIONS);
  if (names.length === 0) return negotiation;
  if (settings.onMissingActions === "close")
    throw new ProtocolError(`Cannot do without ${names.join(", ")}: the MTA does not offer them`);
  answers.report({ kind: "missing-actions", names });
  return negotiation;
}

/** SKIP, which is an answer, or else no answers. NOBODY must not be used to skip a body: Stalwart sends no end of message then. */
function bodyWish({ protocol }: Offer): number {
  return hasBit(protocol, PROTOCOL.skip) ? PROTOCOL.skip : PROTOCOL.bodyUnanswered;
}
