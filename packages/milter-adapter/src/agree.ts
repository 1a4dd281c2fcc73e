import type { Answers } from "./answers.ts";
import type { Settings } from "./options.ts";
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

/** By which bits the MTA is asked not to tell of a command. Without a header there is no end of it to tell. */
const SPARE_BITS = {
  helo: PROTOCOL.noHelo,
  data: PROTOCOL.noData,
  header: PROTOCOL.noHeaders | PROTOCOL.noEndOfHeaders,
  body: PROTOCOL.noBody,
  unknown: PROTOCOL.noUnknown,
} as const;

/** By which bit the MTA is told that there will be no answer. */
const UNANSWERED_BITS = {
  header: PROTOCOL.headerUnanswered,
  "end-of-headers": PROTOCOL.endOfHeadersUnanswered,
} as const;

/**
 * Answers the offer of an MTA with what the filter uses: its actions, the commands it is spared and those it answers; and
 * what every filter here needs: fields with their leading blank, recipients that the MTA refuses, SKIP.
 *
 * @throws {ProtocolError} if an action that the filter uses is not offered and the settings say to close then.
 */
export function agree(offer: Offer, answers: Answers): Negotiation {
  const { settings } = answers;
  const actions = bitsOf(ACTIONS, settings.uses);
  const wanted = { actions, protocol: wantedProtocol(offer, settings) };
  const negotiation = negotiate(
    offer,
    { ...wanted, macroLists: settings.macroLists },
    settings.maxPacketBytes,
  );
  const names = missingActions(negotiation.actions, actions);
  if (names.length === 0) return negotiation;
  if (settings.onMissingActions === "close")
    throw new ProtocolError(`Cannot do without ${names.join(", ")}: the MTA does not offer them`);
  answers.report({ kind: "missing-actions", names });
  return negotiation;
}

function wantedProtocol(offer: Offer, { spares, answers }: Settings): number {
  const unanswered = (["header", "end-of-headers"] as const).filter(
    (command) => !answers.includes(command),
  );
  return (
    PROTOCOL.refusedRecipients |
    PROTOCOL.leadingSpace |
    bitsOf(UNANSWERED_BITS, unanswered) |
    bitsOf(SPARE_BITS, spares) |
    bodyWish(offer)
  );
}

/** SKIP, which is an answer, or else no answers. NOBODY must not be used to skip a body: Stalwart sends no end of message then. */
function bodyWish({ protocol }: Offer): number {
  return hasBit(protocol, PROTOCOL.skip) ? PROTOCOL.skip : PROTOCOL.bodyUnanswered;
}

function bitsOf<Name extends string>(
  bits: Readonly<Record<Name, number>>,
  names: readonly Name[],
): number {
  return names.reduce((word, name) => word | bits[name], 0);
}
