import { createRequire } from "node:module";

/*
 * The only file that reaches into mailauth 7.1.0. Its parts are named here as they behave; the contract test
 * beside this file fails where another version behaves differently. What is not used, and why: everything that
 * takes a raw message (quadratic in places, holds the event loop), BIMI, MTA-STS, signing.
 */

/** As `dns.promises.resolve`: TXT gives string[][], MX objects, the rest strings. Rejects with a `code`. */
export type LegacyResolve = (name: string, type: string) => Promise<readonly unknown[]>;

/** A rejection that the SPF evaluation hands through as its result. */
export interface SpfError extends Error {
  spfResult?: { error: "none" | "permerror" | "temperror"; text: string };
}

export interface SpfMatch {
  readonly qualifier?: string;
  readonly error?: string;
  /** The mechanism that matched. */
  readonly type?: string;
  /** What the included record gave. */
  readonly include?: SpfMatch;
}

export interface SpfOptions {
  readonly sender: string;
  readonly ip: string;
  readonly helo: string;
  readonly mta: string;
  readonly strict: true;
  readonly ctx: { readonly warnings: Set<string>; usedLocalPart: boolean };
  readonly resolver: LegacyResolve;
  readonly expResolver: LegacyResolve;
  readonly createSubResolver: (options?: { readonly ignoreVoid?: boolean }) => LegacyResolve;
}

/** One field of a header: `key` is the lower-case name, `line` the field as signed, without its end. */
export interface HeaderRow {
  readonly key: string;
  readonly casedKey: string;
  readonly line: Buffer;
}

interface DkimStatus {
  readonly result: string;
  readonly comment?: string | false;
  readonly policy?: Readonly<Record<string, string>>;
  /** Bytes of the body that l= leaves unsigned. */
  readonly underSized?: number;
}

export interface DkimOutcome {
  readonly signingDomain?: string;
  readonly selector?: string;
  readonly status: DkimStatus;
  readonly canonBodyLengthLimit?: number;
  readonly canonBodyLengthTotal?: number;
}

/** A tag list, read; tags in their order. */
interface TagList {
  readonly parsed: Readonly<Record<string, { readonly value?: string | number } | undefined>>;
}

export interface PreparedSignature extends TagList {
  readonly type: "DKIM" | "ARC";
  readonly selector?: string;
  readonly signingDomain?: string;
  readonly hashAlgo?: string;
  readonly bodyHashKey?: string;
  readonly skip?: string;
  readonly invalid?: string;
}

interface KeyCache {
  get(
    type: "DKIM" | "ARC" | "AS",
    name: string,
    minBitLength: number | undefined,
    options: { readonly strict: boolean; readonly hashAlgo: string | undefined },
  ): Promise<unknown>;
}

/** A tag list beside the field it was read from. */
interface SealField extends TagList {
  readonly original: Buffer;
}

interface ArcSet {
  readonly i: number;
  readonly "arc-seal": SealField;
  readonly "arc-message-signature": SealField;
}

export interface ArcData {
  readonly chain: readonly ArcSet[] | false;
  /** The newest set; what verifying its message signature gave. */
  readonly lastEntry?: ArcSet & { readonly messageSignature?: DkimOutcome };
  readonly error?: Error;
}

/** The newest ARC-Authentication-Results, read. */
export interface SealedResults {
  readonly spf?: { readonly result?: string };
  readonly dkim?: readonly { readonly result?: string }[];
  readonly dmarc?: { readonly result?: string };
}

/**
 * The hash of one message body in one canonical form (RFC 6376 section 3.4), fed chunk by chunk. No chunk is kept
 * beyond its `update`, however long a line or a run of line ends may be. The names are mailauth's, whose verifier
 * calls these.
 */
export interface BodyHash {
  /** Bytes of the body as it came. */
  readonly byteLength: number;
  /** Bytes of the canonical body, with those that l= leaves out. Final after `digest`. */
  readonly canonicalizedLength: number;
  /** Bytes that are in the hash. Final after `digest`. */
  readonly bodyHashedBytes: number;
  /** Whether an LF without CR was taken for a line end: what was signed had other bytes. Final after `digest`. */
  readonly hasBareLineFeed: boolean;
  update(chunk: Uint8Array | null): void;
  /** Ends the body. To be called once. */
  digest(encoding: "base64"): string;
  /** We do not look for the first MIME part: what l= leaves out is no pass here, wherever it begins. */
  setContentType(parsed: unknown): void;
  getMimeStructureStart(): number;
}

/** The hooks of the verifier; each may be called without its stream. */
export interface DkimVerifier {
  headers: { readonly parsed: readonly HeaderRow[] } | false;
  /** Ours, as our subclass makes them. */
  readonly bodyHashes: Map<string, BodyHash>;
  readonly signatureHeaders: readonly PreparedSignature[];
  readonly results: readonly DkimOutcome[];
  readonly keyCache: KeyCache;
  readonly arc: ArcData;
  addBodyHash(
    canonicalization: string,
    algorithm: "sha256" | "sha1",
    limit: number | "" | undefined,
  ): string;
  messageHeaders(headers: { readonly parsed: readonly HeaderRow[] }): Promise<void>;
  nextChunk(chunk: Uint8Array): Promise<void>;
  finalChunk(): Promise<void>;
}

export interface DkimVerifierOptions {
  readonly strict: true;
  readonly resolver: LegacyResolve;
  readonly minBitLength: number;
  readonly curTime: Date;
  /** Keeps the verifier from reading Return-Path. */
  readonly sender: string;
}

interface DmarcOptions {
  /** Addresses of From. */
  readonly headerFrom: readonly string[];
  readonly fromFields: number;
  readonly spfDomains: readonly { readonly domain: string }[];
  readonly dkimDomains: readonly { readonly domain: string }[];
  readonly resolver: LegacyResolve;
  readonly strict: true;
}

export interface DmarcOutcome {
  readonly status: { readonly result: string };
  /** The policy that applies after sp, np and t. */
  readonly policy?: string;
  /** The organizational domain, where the tree walk found one. */
  readonly domain?: string | false;
}

export interface Mailauth {
  readonly spfVerify: (domain: string, options: SpfOptions) => Promise<SpfMatch | false>;
  readonly DkimVerifier: new (options: DkimVerifierOptions) => DkimVerifier;
  readonly arc: (
    data: ArcData,
    options: {
      readonly strict: true;
      readonly resolver: LegacyResolve;
      readonly minBitLength: number;
    },
  ) => Promise<{
    readonly status: { readonly result: string; readonly comment?: string };
    /** Of a chain that passes. */
    readonly authenticationResults?: SealedResults;
  }>;
  readonly dmarc: (options: DmarcOptions) => Promise<DmarcOutcome | false>;
}

let loaded: Mailauth | undefined;

/** Loads mailauth: about 0.2 s and 32 MB, so a daemon does it before its first connection, and `check` never. */
export function loadMailauth(): Mailauth {
  loaded ??= load();
  return loaded;
}

function load(): Mailauth {
  const require = createRequire(import.meta.url);
  const { spfVerify } = require("mailauth/lib/spf/spf-verify");
  const { DkimVerifier } = require("mailauth/lib/dkim/dkim-verifier");
  const { arc } = require("mailauth/lib/arc");
  const dmarc = require("mailauth/lib/dmarc/verify");
  return { spfVerify, DkimVerifier, arc, dmarc };
}
