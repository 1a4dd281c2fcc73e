import type { ArcFact, HeaderFacts, SealedMethod } from "@postern/filter-core";
import type { Domain } from "@postern/smtp-filter";
import { parseWrittenDomain } from "@postern/smtp-filter";
import { checkPass, MAX_AHEAD_S, type SeenMail } from "../dkim/dkim-results.ts";
import type { KeyLookups } from "../dkim/key-lookups.ts";
import { readSignatureField } from "../dkim/signature-field.ts";
import {
  type ArcData,
  type DkimVerifier,
  type HeaderRow,
  loadMailauth,
  type SealedResults,
} from "../mailauth/mailauth.ts";

/** Longer chains are real only where mail loops; RFC 8617 section 4.2.1 lets them grow to 50. */
const MAX_SETS = 10;
const FIELDS_OF_A_SET = ["arc-seal", "arc-message-signature", "arc-authentication-results"];

/** The ARC fields of a header, and whether they are few and short enough to be verified. */
export interface ArcFields {
  readonly rows: readonly HeaderRow[];
  readonly isBounded: boolean;
}

export function findArcFields(rows: readonly HeaderRow[]): ArcFields {
  const found = rows.filter(({ key }) => FIELDS_OF_A_SET.includes(key));
  return {
    rows: found,
    isBounded:
      found.length <= MAX_SETS * FIELDS_OF_A_SET.length &&
      found.every((row) => readSignatureField(row).isBounded),
  };
}

/** A list forwards within minutes; mail servers give up after five days (RFC 5321 section 4.5.4.1). */
const MAX_AGE_S = 7 * 86_400;

/**
 * Validates the chain (RFC 8617 section 5.2) of a verifier that has seen the whole message. mailauth takes a
 * key it could not ask for as a failure; here that is `temperror`.
 */
export async function evaluateArc(
  fields: ArcFields,
  verifier: DkimVerifier | null,
  keys: KeyLookups,
  minBitLength: number,
  seen: SeenMail & Pick<HeaderFacts, "date">,
): Promise<ArcFact> {
  if (fields.rows.length === 0) return { result: "none", sealers: [] };
  if (!fields.isBounded || verifier === null) return { result: "fail", sealers: [] };
  const data = verifier.arc;
  const { status, authenticationResults } = await loadMailauth().arc(data, {
    strict: true,
    resolver: keys.resolve,
    minBitLength,
  });
  if (status.result === "pass") {
    const doubt = doubtOf(data, seen);
    return {
      result: "pass",
      sealers: sealersOf(data),
      sealedPasses: passesIn(authenticationResults ?? {}),
      ...(doubt === undefined ? {} : { doubt }),
    };
  }
  const isBroken = data.error !== undefined || status.comment?.includes("validation failed");
  const isUnknown = !isBroken && keyNames(data).some((name) => isSilent(keys, name));
  return { result: isUnknown ? "temperror" : "fail", sealers: [] };
}

/**
 * A chain that passes says that somebody sealed this text once. Its newest signature is held to what DKIM's is, and
 * must be recent, or whoever once got a sealed mail could send it for ever, with a Subject of his own on top.
 */
function doubtOf(
  { lastEntry }: ArcData,
  seen: SeenMail & Pick<HeaderFacts, "date">,
): ArcFact["doubt"] {
  if (lastEntry?.messageSignature === undefined) return "the signature cannot be read";
  const [signature, seal] = (["arc-message-signature", "arc-seal"] as const).map((key) =>
    readSignatureField({ key, casedKey: key, line: lastEntry[key].original }),
  );
  if (signature === undefined || seal === undefined) return "the signature cannot be read";
  const [, reason] = checkPass(signature, lastEntry.messageSignature, seen);
  if (reason !== null) return reason;
  // Who dates no seal has sealed the date of the message, at least.
  const signedDate = signature.signedNames.includes("date") ? seen.date : null;
  const sealedAt =
    seal.timestamp ??
    signature.timestamp ??
    (signedDate === null ? null : Date.parse(signedDate) / 1000);
  if (sealedAt === null) return "the seal has no date";
  if (sealedAt > seen.nowMs / 1000 + MAX_AHEAD_S) return "the signature is dated in the future";
  return sealedAt < seen.nowMs / 1000 - MAX_AGE_S ? "the seal is older than 7 days" : undefined;
}

/** The names of the keys that a chain needs: every seal's, and that of the newest message signature. */
export function keyNames({ chain }: ArcData): readonly string[] {
  if (chain === false || chain === undefined) return [];
  const newest = chain.at(-1)?.["arc-message-signature"];
  return [...chain.map((set) => set["arc-seal"]), ...(newest === undefined ? [] : [newest])].map(
    ({ parsed }) => `${parsed["s"]?.value}._domainkey.${parsed["d"]?.value}`,
  );
}

/** What the newest ARC-Authentication-Results say passed. */
function passesIn({ spf, dkim, dmarc }: SealedResults): readonly SealedMethod[] {
  return [
    ...(spf?.result === "pass" ? (["spf"] as const) : []),
    ...(dkim?.some(({ result }) => result === "pass") ? (["dkim"] as const) : []),
    ...(dmarc?.result === "pass" ? (["dmarc"] as const) : []),
  ];
}

function isSilent(keys: KeyLookups, name: string): boolean {
  return keys.fault(name) === "the key server does not answer";
}

function sealersOf({ chain }: ArcData): readonly Domain[] {
  if (chain === false) return [];
  return chain.flatMap((set) => {
    const written = String(set["arc-seal"].parsed["d"]?.value ?? "");
    return parseWrittenDomain(Buffer.from(written, "utf8").toString("latin1")) ?? [];
  });
}
