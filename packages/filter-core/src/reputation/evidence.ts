import type { EvidenceKind } from "../policy/evidence-kinds.ts";
import { IDENTITY_KINDS, type IdentityKind } from "../policy/identity-kinds.ts";
import type { Identity } from "./identity.ts";

const EVERYBODY: readonly IdentityKind[] = IDENTITY_KINDS;
/**
 * What a client does, and what it is refused for, counts for the client alone: it has not named an author yet, or has a
 * name that was forged, replayed or handed on.
 */
const CLIENT: readonly IdentityKind[] = ["address", "network"];

const TOUCHES: Readonly<Record<EvidenceKind, readonly IdentityKind[]>> = {
  clean: EVERYBODY,
  markedHam: EVERYBODY,
  writtenTo: ["domain"],
  refused: CLIENT,
  misconfigured: CLIENT,
  unknownRecipient: CLIENT,
  relayAttempt: CLIENT,
  brokenSmtp: CLIENT,
  markedSpam: EVERYBODY,
};

/** The identities that a kind of evidence applies to. */
export function touchedBy(
  kind: EvidenceKind,
  identities: readonly Identity[],
): readonly Identity[] {
  return identities.filter((identity) => TOUCHES[kind].includes(identity.kind));
}

/**
 * How much of `amount` still counts for one identity today: a good reputation cannot be built in a day.
 *
 * @param countedToday of this kind, for this identity, in UTC days.
 */
export function stillCounts(
  kind: EvidenceKind,
  amount: number,
  countedToday: number,
  caps: Readonly<Record<EvidenceKind, number>>,
): number {
  return Math.max(0, Math.min(amount, caps[kind] - countedToday));
}
