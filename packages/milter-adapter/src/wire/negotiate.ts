import { ProtocolError } from "./protocol-error.ts";
import type { Stage } from "./stage.ts";

/** What a filter may do at the end of a message: SMFIF_* of mfapi.h. */
export const ACTIONS = {
  addHeaders: 0x001,
  changeBody: 0x002,
  addRecipients: 0x004,
  deleteRecipients: 0x008,
  changeHeaders: 0x010,
  quarantine: 0x020,
  changeSender: 0x040,
  addRecipientsWithParameters: 0x080,
  setMacroLists: 0x100,
} as const;

/** Commands to skip, and protocol options: SMFIP_* of mfdef.h. */
export const PROTOCOL = {
  noConnect: 0x000001,
  noHelo: 0x000002,
  noMail: 0x000004,
  noRcpt: 0x000008,
  noBody: 0x000010,
  noHeaders: 0x000020,
  noEndOfHeaders: 0x000040,
  headerUnanswered: 0x000080,
  noUnknown: 0x000100,
  noData: 0x000200,
  skip: 0x000400,
  refusedRecipients: 0x000800,
  connectUnanswered: 0x001000,
  heloUnanswered: 0x002000,
  mailUnanswered: 0x004000,
  rcptUnanswered: 0x008000,
  dataUnanswered: 0x010000,
  unknownUnanswered: 0x020000,
  endOfHeadersUnanswered: 0x040000,
  bodyUnanswered: 0x080000,
  leadingSpace: 0x100000,
  packets256K: 0x10000000,
  packets1M: 0x20000000,
} as const;

/** The bits by which a filter says that it will not answer a command: SMFIP_NR_* of mfdef.h. */
const UNANSWERED: ReadonlyMap<string, number> = new Map<Stage, number>([
  ["connect", PROTOCOL.connectUnanswered],
  ["helo", PROTOCOL.heloUnanswered],
  ["mail", PROTOCOL.mailUnanswered],
  ["rcpt", PROTOCOL.rcptUnanswered],
  ["data", PROTOCOL.dataUnanswered],
  ["header", PROTOCOL.headerUnanswered],
  ["end-of-headers", PROTOCOL.endOfHeadersUnanswered],
  ["body", PROTOCOL.bodyUnanswered],
  ["unknown", PROTOCOL.unknownUnanswered],
]);

/** The stages macros can be asked for, by SMFIM_* number: end-of-message comes before end-of-headers (mfapi.h). */
export const STAGE_NUMBERS = {
  connect: 0,
  helo: 1,
  mail: 2,
  rcpt: 3,
  data: 4,
  "end-of-message": 5,
  "end-of-headers": 6,
} as const;

export type MacroStage = keyof typeof STAGE_NUMBERS;

export const STAGE_OF_NUMBER: ReadonlyMap<number, MacroStage> = new Map(
  (Object.entries(STAGE_NUMBERS) as [MacroStage, number][]).map(([stage, n]) => [n, stage]),
);

/** The macros wanted at one stage; long names in braces. Sendmail takes at most 50. */
export interface MacroList {
  readonly stage: MacroStage;
  readonly names: readonly string[];
}

/** What the MTA offers, three words of the OPTNEG packet. */
export interface Offer {
  readonly version: number;
  readonly actions: number;
  readonly protocol: number;
}

/** The result of the negotiation. */
export interface Negotiation extends Offer {
  readonly macroLists: readonly MacroList[];
}

const OLDEST = 2;
const NEWEST = 6;
/** What a word of 0 means: the flags of version 1. */
const FIRST_ACTIONS = 0x0f;
const FIRST_PROTOCOL = 0x3f;
/** Payload bytes of the packets that the internal MDS bits announce. */
const LARGE_PACKETS = [
  [PROTOCOL.packets256K, 256 * 1024],
  [PROTOCOL.packets1M, 1024 * 1024],
] as const;

/**
 * Answers the offer of an MTA: the older version of the two, and of the wanted bits those that were offered. An
 * extra bit ends the connection in sendmail. Macro lists go only where the MTA takes them.
 *
 * @throws {ProtocolError} if the offered version is below 2.
 */
export function negotiate(
  offer: Offer,
  wanted: Omit<Negotiation, "version">,
  maxPacketBytes: number,
): Negotiation {
  if (offer.version < OLDEST)
    throw new ProtocolError(
      `Cannot speak milter version ${offer.version}: allowed are ${OLDEST} to ${NEWEST}`,
    );
  const version = Math.min(offer.version, NEWEST);
  const offered = {
    actions: offer.actions === 0 ? FIRST_ACTIONS : offer.actions,
    protocol: offer.protocol === 0 ? FIRST_PROTOCOL : offer.protocol,
  };
  const canList = version === NEWEST && hasBit(offered.actions, ACTIONS.setMacroLists);
  const lists = canList ? wanted.macroLists : [];
  const wantedActions = wanted.actions | (lists.length > 0 ? ACTIONS.setMacroLists : 0);
  return {
    version,
    actions: wantedActions & offered.actions & (lists.length > 0 ? -1 : ~ACTIONS.setMacroLists),
    protocol: ((wanted.protocol | largePackets(maxPacketBytes)) & offered.protocol) >>> 0,
    macroLists: lists,
  };
}

/** Whether all bits of `bit` are set. */
export function hasBit(word: number, bit: number): boolean {
  return (word & bit) === bit;
}

/** Whether commands of this kind get no answer, after this negotiation. */
export function isUnanswered(kind: string, { protocol }: Offer): boolean {
  const bit = UNANSWERED.get(kind);
  return bit !== undefined && hasBit(protocol, bit);
}

/** Names of the bits of `wanted` that are not in `word`, for a message. */
export function missingActions(word: number, wanted: number): readonly string[] {
  return Object.entries(ACTIONS)
    .filter(([, bit]) => hasBit(wanted, bit) && !hasBit(word, bit))
    .map(([name]) => name);
}

/** Sendmail sends larger packets only if its bit comes back; it may where they fit our limit. */
function largePackets(maxPacketBytes: number): number {
  return LARGE_PACKETS.reduce(
    (bits, [bit, payloadBytes]) => (payloadBytes <= maxPacketBytes ? bits | bit : bits),
    0,
  );
}
