import type { Resolver } from "@postern/dns";
import type { SpfFact, SpfResult } from "@postern/filter-core";
import {
  type ByteText,
  type Clock,
  type IpAddress,
  parseWrittenDomain,
  type ReversePath,
  systemClock,
} from "@postern/smtp-filter";
import { loadMailauth, type SpfError, type SpfMatch } from "../mailauth/mailauth.ts";
import { QUESTIONS, questionBudget } from "../question-budget.ts";
import { spfResolvers } from "./spf-resolvers.ts";

/** An identity to check (RFC 7208 section 2). */
export interface SpfQuestion {
  readonly address: IpAddress;
  readonly helo: ByteText | null;
  /** `helo`: the HELO name itself; else MAIL FROM, whose null sender stands for the HELO name (section 2.4). */
  readonly identity: "helo" | ReversePath;
}

/** Longer local parts (RFC 5321 section 4.5.3.1.1 allows 64 octets) would only blow up macros. */
const MAX_LOCAL_PART = 320;

/** RFC 7208 section 4.6.4 asks for at least 20 s. */
const TIME_LIMIT_MS = 20_000;

const QUALIFIERS: Readonly<Record<string, SpfResult>> = {
  "+": "pass",
  "-": "fail",
  "~": "softfail",
  "?": "neutral",
};

/** check_host() of RFC 7208, strict, with few questions. Never rejects. `exp=` is never looked up: its text is a stranger's. */
export async function evaluateSpf(
  resolver: Resolver,
  question: SpfQuestion,
  clock: Clock = systemClock,
): Promise<SpfFact> {
  const { domain: written, localPart } = identityOf(question);
  const domain = parseWrittenDomain(written);
  if (domain === undefined || !domain.includes("."))
    return { result: "none", domain: domain ?? null, permits: "some" };
  if (localPart.length > MAX_LOCAL_PART) return { result: "permerror", domain, permits: "some" };
  const limit = question.identity === "helo" ? QUESTIONS.spfHelo : QUESTIONS.spfMailfrom;
  const resolvers = spfResolvers(questionBudget(resolver, limit));
  const evaluation = loadMailauth().spfVerify(domain, {
    sender: `${utf8(localPart)}@${domain}`,
    ip: question.address,
    helo: utf8(question.helo ?? ""),
    mta: "unknown",
    strict: true,
    ctx: { warnings: new Set(), usedLocalPart: false },
    ...resolvers,
  });
  const { promise, resolve } = Promise.withResolvers<SpfFact>();
  const cancel = clock.after(TIME_LIMIT_MS, () =>
    resolve({ result: "temperror", domain, permits: "some" }),
  );
  evaluation.then(
    (match) => resolve({ ...resultOf(match), domain }),
    (error: unknown) => resolve({ result: errorResult(error), domain, permits: "some" }),
  );
  const fact = await promise;
  cancel();
  resolvers.close();
  return fact;
}

function identityOf({ helo, identity }: SpfQuestion): { localPart: ByteText; domain: ByteText } {
  if (identity === "helo" || identity === "null-sender")
    return { localPart: "postmaster", domain: helo ?? "" };
  const { text, localPart } = identity;
  const at = text.lastIndexOf("@");
  // Without a local part, "postmaster" stands in for it (RFC 7208 section 4.3).
  return at === -1
    ? { localPart: "postmaster", domain: "" }
    : { localPart: localPart || "postmaster", domain: text.slice(at + 1) };
}

function resultOf(match: SpfMatch | false): Pick<SpfFact, "result" | "permits"> {
  if (match === false) return { result: "neutral", permits: "some" };
  const { qualifier, error } = match;
  const result = qualifier === undefined ? errorWord(error) : (QUALIFIERS[qualifier] ?? "neutral");
  return { result, permits: result === "pass" && isForAll(match) ? "everybody" : "some" };
}

/** Whether `all` let the client in, here or in a record that was included. */
function isForAll(match: SpfMatch): boolean {
  let innermost = match;
  while (innermost.include !== undefined) innermost = innermost.include;
  return innermost.type === "all";
}

function errorResult(error: unknown): SpfResult {
  return errorWord((error as SpfError | undefined)?.spfResult?.error);
}

function errorWord(word: string | undefined): SpfResult {
  return word === "none" || word === "permerror" ? word : "temperror";
}

function utf8(bytes: ByteText): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
