/** What speaks for somebody. */
export const GOOD_EVIDENCE = ["clean", "markedHam", "writtenTo"] as const;
/** What speaks against somebody. `misconfigured`: refused for a fault of his server's set-up. */
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

/** What each kind of evidence weighs. */
export type Weights = Readonly<Record<EvidenceKind, number>>;
