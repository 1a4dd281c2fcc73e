import type { ByteText, Domain } from "@postern/smtp-filter";

/** RFC 7208 section 2.6. */
export type SpfResult =
  | "pass"
  | "fail"
  | "softfail"
  | "neutral"
  | "none"
  | "permerror"
  | "temperror";

export interface SpfFact {
  readonly result: SpfResult;
  /** The domain whose record was evaluated; null if there was no name to look up. */
  readonly domain: Domain | null;
  /** `everybody`: it passes only because the record allows every address (`+all`). */
  readonly permits: "some" | "everybody";
}

/** The two identities of RFC 7208 section 2. With the null sender `mailfrom` is evaluated on the HELO name (2.4). */
export interface SpfFacts {
  readonly mailfrom: SpfFact;
  readonly helo: SpfFact;
}

/** RFC 8601 section 2.7.1. */
export type DkimResult =
  | "pass"
  | "fail"
  | "neutral"
  | "policy"
  | "permerror"
  | "temperror"
  | "none";

/** Why a signature does not pass, in words for a postmaster. A closed set: contains no text from the message. */
export const DKIM_REASONS = [
  "the body was changed after signing",
  "the signed header was changed after signing",
  "the signature has expired",
  "the signature is dated in the future",
  "there is no key at the selector",
  "the key was revoked",
  "the key record is broken",
  "the selector has several key records",
  "the key is not for this algorithm",
  "the key is not for mail",
  "the key is too short",
  "the key is too long",
  "the key is weak",
  "the algorithm is too weak",
  "the algorithm is unknown",
  "the signature cannot be read",
  "the signature does not cover From",
  "the signature leaves a part of the body unsigned",
  "the signature claims more body than there is",
  "the body has line ends that SMTP does not allow",
  "a field that may stand once stands again, unsigned",
  "the identity is not of the signing domain",
  "there are more signatures than are checked",
  "the header is too large to be checked",
  "the key server does not answer",
] as const;
export type DkimReason = (typeof DKIM_REASONS)[number];

/** One DKIM-Signature field, as far as it was checked. */
export interface DkimFact {
  readonly result: DkimResult;
  /** d=; null if it is not a DNS name. */
  readonly domain: Domain | null;
  /** s=; null if it is not a DNS name. */
  readonly selector: Domain | null;
  /** a=; null if the algorithm is unknown. */
  readonly algorithm: "rsa-sha256" | "rsa-sha1" | "ed25519-sha256" | null;
  /** The first eight characters of b= (RFC 6008), base64; null where there are none. */
  readonly signature: string | null;
  /** null with a pass. */
  readonly reason: DkimReason | null;
}

/** RFC 8617 section 5.2, and `temperror` where a key could not be asked for. */
export interface ArcFact {
  readonly result: "none" | "pass" | "fail" | "temperror";
  /** The sealers of a chain that passes, the first hop first. */
  readonly sealers: readonly Domain[];
  /** The results that the last sealer of a passing chain reports as pass; only as reliable as the sealer. */
  readonly sealedPasses?: readonly SealedMethod[];
  /** Why the chain, though it passes, does not speak for this message: it may be an old one, sent again. */
  readonly doubt?: DkimReason | "the seal has no date" | "the seal is older than 7 days";
}

export type SealedMethod = "spf" | "dkim" | "dmarc";

/** RFC 9989. `permerror`: there is not exactly one author. */
export interface DmarcFact {
  readonly result: "pass" | "fail" | "none" | "permerror" | "temperror";
  /** What the author domain asks for after sp, np and t; null without a record. */
  readonly policy: "none" | "quarantine" | "reject" | null;
  /** The author domain. */
  readonly domain: Domain | null;
  /** Why it is not known: we had too many questions of our own, and never asked. */
  readonly unasked?: true;
  /** The organizational domain of the author (RFC 9989 section 4.10.2); left out where the source does not tell. */
  readonly organization?: Domain;
}

/** The author in From. The only source for all checks of the author. */
export type AuthorFact =
  | {
      readonly status: "one";
      readonly domain: Domain;
      /** What stands before the `@`, as written, without the quotes of a quoted one. */
      readonly localPart?: ByteText;
    }
  /** No field, several, none or several mailboxes, or one that readers may take for different ones. */
  | { readonly status: "not-one"; readonly reason: AuthorFault };

/** Why From does not name one author. A closed set of words. */
export const AUTHOR_FAULTS = [
  "there is no From field",
  "there are several From fields",
  "From holds no address",
  "From holds several addresses",
  "From holds a group",
  "From cannot be read without doubt",
  "the domain in From is not a domain name",
  "From is too long",
  "the header holds a bare CR or a NUL",
] as const;
export type AuthorFault = (typeof AUTHOR_FAULTS)[number];

/** What the header of a message says, beside its signatures. */
export interface HeaderFacts {
  readonly author: AuthorFact;
  /** The registrable domain of the author by the public suffix list; null where there is none. */
  readonly organization: Domain | null;
  readonly hasMessageId: boolean;
  /** A Received field as the client sent it: none means that the client wrote the mail itself. */
  readonly hasReceived: boolean;
  /** A domain that the author's display name shows, of another organization than the author's; null: none. */
  readonly namedDomain: Domain | null;
  /** The domain of Reply-To; null where there is no such field, or not exactly one mailbox in it. */
  readonly replyTo: Domain | null;
  /** The Date field, RFC 3339 in UTC; `unreadable` if it is not a date; null if there is none. */
  readonly date: string | "unreadable" | null;
  readonly hasListId: boolean;
  readonly hasListPost: boolean;
  /** List-Unsubscribe offers an https link. */
  readonly hasHttpsUnsubscribe: boolean;
  /** List-Unsubscribe-Post offers to leave with one click (RFC 8058). */
  readonly hasOneClick: boolean;
}
