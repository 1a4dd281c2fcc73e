/** Kinds of identities that can have a reputation, the most trustworthy first. */
export const IDENTITY_KINDS = ["author", "domain", "dkim", "spf", "address", "network"] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];
