/** Positive evidence. */
export const GOOD_EVIDENCE = ["clean", "markedHam", "writtenTo"] as const;
/** Negative evidence. `misconfigured`: refused for a fault in the server's configuration. */
export const BAD_EVIDENCE = [
  "refused",
  "misconfigured",
  "unknownRecipient",
  "relayAttempt",
  "brokenSmtp",
  "markedSpam",
] as const;
export type EvidenceKind = (typeof GOOD_EVIDENCE)[number] | (typeof BAD_EVIDENCE)[number];
export const EVIDENCE_KINDS: readonly EvidenceKind[] = [...GOOD_EVIDENCE, ...BAD_EVIDENCE];

/** The weight of each kind of evidence. */
export type Weights = Readonly<Record<EvidenceKind, number>>;
