import type { Resolver } from "@postern/dns";
import type { DkimFact, Facts, SpfFacts } from "@postern/filter-core";
import type { Clock } from "@postern/smtp-filter";
import { type ArcFields, evaluateArc, findArcFields, keyNames } from "./arc/arc.ts";
import { type ChosenSignatures, chooseSignatures } from "./dkim/choose-signatures.ts";
import { type SeenMail, unverified, verified } from "./dkim/dkim-results.ts";
import { HeaderSection } from "./dkim/header-section.ts";
import { KeyLookups } from "./dkim/key-lookups.ts";
import { createVerifier, NO_BODY_HASH } from "./dkim/verifier.ts";
import { lookUpAuthorDomain } from "./dmarc/author-domain.ts";
import { evaluateDmarc } from "./dmarc/dmarc.ts";
import { HeaderReader } from "./header/header-reader.ts";
import type { DkimVerifier, PreparedSignature } from "./mailauth/mailauth.ts";
import { QUESTIONS, questionBudget } from "./question-budget.ts";

/** Work that a message causes: fields and KiB of the header once, and once more for each signature verified. */
type MessageWork = "field" | "headerKiB" | "signature" | "bodyKiB";

/** Notes work that was done. */
export type Spend = (work: MessageWork, amount: number) => void;

/** What a message itself tells of where it is from. */
export type MessageFound = Required<Pick<Facts, "header" | "dkim" | "arc">> &
  Pick<Facts, "dmarc" | "authorDomain">;

const MIN_KEY_BITS = 1_024;

/** One for all the signatures there may be: which ones, nobody has read. */
const TOO_LARGE: DkimFact = {
  result: "permerror",
  domain: null,
  selector: null,
  algorithm: null,
  signature: null,
  reason: "the header is too large to be checked",
};

/**
 * Checks one message as its bytes go by: fields, then chunks of the body with CRLF line ends, then `end`.
 * Keeps the header (bounded) and hash states; nothing of the body.
 */
export class MessageCheck {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #spend: Spend;
  readonly #reader = new HeaderReader();
  readonly #section = new HeaderSection();
  #begun: Begun | undefined;

  constructor(resolver: Resolver, clock: Clock, spend: Spend = () => {}) {
    this.#spend = spend;
    this.#resolver = resolver;
    this.#clock = clock;
  }

  /** @param rawValue what follows the colon, folds as LF or CRLF. */
  header(name: Uint8Array, rawValue: Uint8Array): void {
    this.#reader.see(latin1(name), latin1(rawValue));
    this.#section.add(name, rawValue);
  }

  /** `enough`: nothing that is signed is to be checked, so that no more of the body is needed. */
  body(chunk: Uint8Array): "enough" | "more" {
    this.#begun ??= this.#begin();
    const hashes = this.#begun.verifier?.bodyHashes;
    if (hashes === undefined || hashes.size === 0) return "enough";
    this.#spend("bodyKiB", (chunk.length / 1_024) * hashes.size);
    for (const hash of hashes.values()) hash.update(chunk);
    return "more";
  }

  /** Never rejects for anything that a message or the DNS holds. */
  async end(spf: SpfFacts | undefined): Promise<MessageFound> {
    this.#begun ??= this.#begin();
    const { header, verifier, prepared, keys, arcFields } = this.#begun;
    await prepared;
    await verifier?.finalChunk();
    const dkim = this.#dkimFacts(this.#begun);
    const [arc, dmarc] = await Promise.all([
      evaluateArc(arcFields, verifier, keys, MIN_KEY_BITS, {
        ...this.#seen(
          verifier,
          verifier?.signatureHeaders.find(({ type }) => type === "ARC"),
        ),
        date: header.date,
      }),
      evaluateDmarc(questionBudget(this.#resolver, QUESTIONS.dmarc), header.author, spf, dkim),
    ]);
    const authorDomain = await this.#authorDomain(header, dmarc);
    return {
      header,
      dkim,
      arc,
      ...(dmarc === undefined ? {} : { dmarc }),
      ...(authorDomain === undefined ? {} : { authorDomain }),
    };
  }

  /** A DMARC record, at the author domain or above it, shows that it exists. */
  async #authorDomain(
    { author }: MessageFound["header"],
    dmarc: MessageFound["dmarc"],
  ): Promise<MessageFound["authorDomain"]> {
    if (author.status !== "one" || dmarc?.result !== "none") return undefined;
    return lookUpAuthorDomain(this.#resolver, author.domain);
  }

  /** The header is complete: signatures are read, their keys asked for while the body still comes. */
  #begin(): Begun {
    const header = this.#reader.facts();
    const { rows, isTooLarge, bytes } = this.#section;
    const chosen = chooseSignatures(rows, header.author);
    const arcFields = findArcFields(rows);
    const keys = new KeyLookups(questionBudget(this.#resolver, QUESTIONS.keys));
    const common = { header, chosen, arcFields, keys, isTooLarge };
    const signed = [
      ...chosen.verify.map(({ row }) => row),
      ...(arcFields.isBounded ? arcFields.rows : []),
    ];
    this.#spend("signature", signed.length);
    this.#spend("headerKiB", (bytes / 1_024) * (1 + signed.length));
    this.#spend("field", rows.length * (1 + signed.length));
    if (signed.length === 0) return { ...common, verifier: null, prepared: Promise.resolve() };
    const verifier = createVerifier(
      {
        strict: true,
        resolver: keys.resolve,
        minBitLength: MIN_KEY_BITS,
        curTime: new Date(this.#clock.wallMs()),
        sender: "unused@invalid",
      },
      bytes,
    );
    // It sees only what it is to verify; the fields that signatures cover it gets afterwards.
    const prepared = verifier.messageHeaders({ parsed: signed });
    prepared.catch(() => {});
    verifier.headers = { parsed: rows };
    askForKeys(verifier);
    return { ...common, verifier, prepared };
  }

  /** What a signature that passes is held against. */
  #seen(verifier: DkimVerifier | null, signature: PreparedSignature | undefined): SeenMail {
    const hash = verifier?.bodyHashes.get(signature?.bodyHashKey ?? "");
    return {
      counts: this.#section.counts,
      nowMs: this.#clock.wallMs(),
      hasBareLineFeed: hash?.hasBareLineFeed ?? false,
    };
  }

  #dkimFacts({ chosen, verifier, keys, isTooLarge }: Begun): readonly DkimFact[] {
    if (isTooLarge) return [TOO_LARGE];
    const outcomes = verifier?.results ?? [];
    const prepared = verifier?.signatureHeaders ?? [];
    return [
      ...chosen.verify.map((field, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined || prepared[index]?.bodyHashKey === NO_BODY_HASH)
          return unverified(field, "policy", "there are more signatures than are checked");
        const name = `${outcome.selector}._domainkey.${outcome.signingDomain}`;
        const seen = this.#seen(verifier, prepared[index]);
        return verified(field, outcome, keys.fault(name), seen);
      }),
      ...chosen.leave.map((field) =>
        field.isBounded
          ? unverified(field, "policy", "there are more signatures than are checked")
          : unverified(field, "permerror", "the signature cannot be read"),
      ),
    ];
  }
}

interface Begun {
  readonly header: MessageFound["header"];
  readonly chosen: ChosenSignatures;
  readonly arcFields: ArcFields;
  readonly keys: KeyLookups;
  readonly isTooLarge: boolean;
  readonly verifier: DkimVerifier | null;
  readonly prepared: Promise<void>;
}

/** The verifier finds the answers, under way or there, when it comes to verify. */
function askForKeys({ keyCache, signatureHeaders, arc }: DkimVerifier): void {
  for (const { skip, invalid, type, selector, signingDomain, hashAlgo } of signatureHeaders) {
    if (skip || invalid) continue;
    void keyCache.get(type, `${selector}._domainkey.${signingDomain}`, MIN_KEY_BITS, {
      strict: true,
      hashAlgo,
    });
  }
  for (const name of keyNames(arc))
    void keyCache.get("AS", name, MIN_KEY_BITS, { strict: true, hashAlgo: "sha256" });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
