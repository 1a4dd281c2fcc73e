import type { DkimFact, DkimReason, DkimResult } from "@postern/filter-core";
import type { DkimOutcome } from "../mailauth/mailauth.ts";
import type { SignatureField } from "./signature-field.ts";

/** A signature dated further ahead than this was not made by a clock that is right. */
export const MAX_AHEAD_S = 3_600;

/** Fields that may stand once (RFC 5322 section 3.6): one more, unsigned, and readers may see the other one. */
const SINGLE_FIELDS = [
  "from",
  "sender",
  "reply-to",
  "to",
  "cc",
  "message-id",
  "subject",
  "date",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
] as const;

type Verdict = readonly [DkimResult, DkimReason | null];

/** What mailauth's words for a signature it could not use mean (strict mode, 7.1.0). */
const COMMENTS: Readonly<Record<string, Verdict>> = {
  "unknown algorithm": ["permerror", "the algorithm is unknown"],
  "domain mismatch": ["permerror", "the identity is not of the signing domain"],
  "From field not signed": ["permerror", "the signature does not cover From"],
  "body hash did not verify": ["fail", "the body was changed after signing"],
  "bad signature": ["fail", "the signed header was changed after signing"],
  "weak algorithm": ["policy", "the algorithm is too weak"],
  expired: ["fail", "the signature has expired"],
  "no key": ["permerror", "there is no key at the selector"],
  "unknown key version": ["permerror", "the key record is broken"],
  "invalid public key": ["permerror", "the key record is broken"],
  "unknown key type": ["permerror", "the key is not for this algorithm"],
  "inappropriate key algorithm": ["permerror", "the key is not for this algorithm"],
  "inappropriate hash algorithm": ["permerror", "the key is not for this algorithm"],
  "key not for email": ["permerror", "the key is not for mail"],
};

/** How a key that was refused before any arithmetic shows in the result. */
const KEY_RESULTS: Partial<Record<DkimReason, DkimResult>> = {
  "the key was revoked": "fail",
  "the key is too short": "policy",
  "the key is weak": "policy",
  "the key server does not answer": "temperror",
};

/** What a pass is doubted by. */
export interface SeenMail {
  /** How often each field stands, by lower-case name. */
  readonly counts: ReadonlyMap<string, number>;
  readonly nowMs: number;
  readonly hasBareLineFeed: boolean;
}

/** The fact of a signature that was not verified. */
export function unverified(
  { domain, selector, algorithm, signature }: SignatureField,
  result: DkimResult,
  reason: DkimReason,
): DkimFact {
  return { result, domain, selector, algorithm, signature, reason };
}

/**
 * The fact of a signature that was verified: mailauth's outcome in our closed set, and what it lets pass that
 * must not: a body not covered to its end, a date ahead, a second field that readers may see.
 *
 * @param keyFault why its key was refused before the verifier saw it.
 */
export function verified(
  field: SignatureField,
  outcome: DkimOutcome,
  keyFault: DkimReason | undefined,
  seen: SeenMail,
): DkimFact {
  const [result, reason] = verdictOf(field, outcome, keyFault, seen);
  const { domain, selector, algorithm, signature } = field;
  return { result, domain, selector, algorithm, signature, reason };
}

function verdictOf(
  field: SignatureField,
  outcome: DkimOutcome,
  keyFault: DkimReason | undefined,
  seen: SeenMail,
): Verdict {
  const { result, comment, policy } = outcome.status;
  if (result === "pass") return checkPass(field, outcome, seen);
  const isOfKey = result === "temperror" || comment === "no key";
  if (isOfKey && keyFault !== undefined) return [KEY_RESULTS[keyFault] ?? "permerror", keyFault];
  if (result === "temperror") return ["temperror", "the key server does not answer"];
  if (policy?.["dkim-rules"] === "weak-key") return ["policy", "the key is too short"];
  const known = typeof comment === "string" ? COMMENTS[comment] : undefined;
  return known ?? ["permerror", "the signature cannot be read"];
}

/** What becomes of a signature, DKIM's or a seal's, that mailauth lets pass. */
export function checkPass(
  { signedNames, timestamp }: SignatureField,
  { status: { underSized = 0 }, canonBodyLengthLimit, canonBodyLengthTotal = 0 }: DkimOutcome,
  { counts, nowMs, hasBareLineFeed }: SeenMail,
): Verdict {
  if (underSized > 0) return ["policy", "the signature leaves a part of the body unsigned"];
  if (canonBodyLengthLimit !== undefined && canonBodyLengthLimit > canonBodyLengthTotal)
    return ["permerror", "the signature claims more body than there is"];
  if (hasBareLineFeed) return ["neutral", "the body has line ends that SMTP does not allow"];
  if (timestamp !== null && timestamp > nowMs / 1000 + MAX_AHEAD_S)
    return ["fail", "the signature is dated in the future"];
  const isAmbiguous = SINGLE_FIELDS.some((name) => {
    const count = counts.get(name) ?? 0;
    return count > 1 && signedNames.filter((signed) => signed === name).length < count;
  });
  if (isAmbiguous) return ["policy", "a field that may stand once stands again, unsigned"];
  return ["pass", null];
}
