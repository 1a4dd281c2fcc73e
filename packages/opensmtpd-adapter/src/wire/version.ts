/** In which order a version of the protocol puts its fields. */
export interface FieldOrder {
  /** Up to 0.4 answers name the token before the session. */
  readonly answers: "session-first" | "token-first";
  /** tx-mail and tx-rcpt: up to 0.5 the result is the last field. */
  readonly transactionResult: "before-address" | "last";
  /** link-auth: up to 0.6 the result is the last field. */
  readonly loginResult: "first" | "last";
}

/** The order since 0.7 (OpenSMTPD 7.4); a version that cannot be read is taken for a later one. */
const CURRENT: FieldOrder = {
  answers: "session-first",
  transactionResult: "before-address",
  loginResult: "first",
};

/** A process sees one or two versions; the cap keeps a peer that invents them from filling memory. */
const MAX_KNOWN = 16;
const known = new Map<string, FieldOrder>();

/** The field order of the version in field 2 of a line (smtpd-filters(7); the changes are in OPENSMTPD.md 1). */
export function fieldOrder(version: string): FieldOrder {
  const order = known.get(version) ?? orderOf(version);
  if (known.size < MAX_KNOWN) known.set(version, order);
  return order;
}

/** Whether `version` is below `major.minor`, each compared as a number; false if it cannot be read. */
export function isBelow(version: string, major: number, minor: number): boolean {
  const match = /^(\d{1,6})\.(\d{1,6})(?!\d)/.exec(version);
  if (match === null) return false;
  const ofVersion = Number(match[1]);
  return ofVersion < major || (ofVersion === major && Number(match[2]) < minor);
}

function orderOf(version: string): FieldOrder {
  if (!isBelow(version, 0, 7)) return CURRENT;
  return {
    answers: isBelow(version, 0, 5) ? "token-first" : "session-first",
    transactionResult: isBelow(version, 0, 6) ? "last" : "before-address",
    loginResult: "last",
  };
}
