import type { ArcFact, AuthorFact, DkimFact, HeaderFacts } from "@postern/filter-core";
import type { Clock } from "@postern/smtp-filter";
import { type ArcFields, evaluateArc, findArcFields, keyNames } from "./arc/arc.ts";
import { type ChosenSignatures, chooseSignatures } from "./dkim/choose-signatures.ts";
import { type SeenMail, unverified, verified } from "./dkim/dkim-results.ts";
import type { HeaderSection } from "./dkim/header-section.ts";
import { KeyLookups } from "./dkim/key-lookups.ts";
import { createVerifier, NO_BODY_HASH } from "./dkim/verifier.ts";
import type { DkimVerifier, PreparedSignature } from "./mailauth/mailauth.ts";
import type { CheckOptions } from "./message-check.ts";
import { QUESTIONS, questionBudget } from "./question-budget.ts";

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
 * Verifies the DKIM signatures and the ARC chain of one message, whose header is complete. Both go through one verifier,
 * so that a body is hashed once for all signatures that want the same hash.
 */
export class SignatureCheck {
  readonly #section: HeaderSection;
  readonly #chosen: ChosenSignatures;
  readonly #arcFields: ArcFields;
  readonly #keys: KeyLookups;
  readonly #clock: Clock;
  readonly #onWork: Required<CheckOptions>["onWork"];
  /** null: nothing is signed that is to be verified. */
  readonly #verifier: DkimVerifier | null;
  readonly #prepared: Promise<void>;

  /** Reads the signatures and asks for their keys, which come while the body does. */
  constructor(
    section: HeaderSection,
    author: AuthorFact,
    { resolver, clock, onWork }: Required<CheckOptions>,
  ) {
    const { rows, bytes } = section;
    this.#section = section;
    this.#clock = clock;
    this.#onWork = onWork;
    this.#chosen = chooseSignatures(rows, author);
    this.#arcFields = findArcFields(rows);
    this.#keys = new KeyLookups(questionBudget(resolver, QUESTIONS.keys));
    const signed = [
      ...this.#chosen.verify.map(({ row }) => row),
      ...(this.#arcFields.isBounded ? this.#arcFields.rows : []),
    ];
    onWork("signature", signed.length);
    onWork("headerKiB", (bytes / 1_024) * (1 + signed.length));
    onWork("field", rows.length * (1 + signed.length));
    if (signed.length === 0) {
      this.#verifier = null;
      this.#prepared = Promise.resolve();
      return;
    }
    this.#verifier = createVerifier(
      {
        strict: true,
        resolver: this.#keys.resolve,
        minBitLength: MIN_KEY_BITS,
        curTime: new Date(clock.wallMs()),
        sender: "unused@invalid",
      },
      bytes,
    );
    // It sees only what it is to verify; the fields that signatures cover it gets afterwards.
    this.#prepared = this.#verifier.messageHeaders({ parsed: signed });
    this.#prepared.catch(() => {});
    this.#verifier.headers = { parsed: rows };
    askForKeys(this.#verifier);
  }

  /** `enough`: no signature covers more of the body. */
  body(chunk: Uint8Array): "enough" | "more" {
    const hashes = this.#verifier?.bodyHashes;
    if (hashes === undefined || hashes.size === 0) return "enough";
    this.#onWork("bodyKiB", (chunk.length / 1_024) * hashes.size);
    for (const hash of hashes.values()) hash.update(chunk);
    return "more";
  }

  /** The body is complete; to be called once, before {@link SignatureCheck.dkim} and {@link SignatureCheck.arc}. */
  async end(): Promise<void> {
    await this.#prepared;
    await this.#verifier?.finalChunk();
  }

  dkim(): readonly DkimFact[] {
    if (this.#section.isTooLarge) return [TOO_LARGE];
    const outcomes = this.#verifier?.results ?? [];
    const prepared = this.#verifier?.signatureHeaders ?? [];
    return [
      ...this.#chosen.verify.map((field, index) => {
        const outcome = outcomes[index];
        if (outcome === undefined || prepared[index]?.bodyHashKey === NO_BODY_HASH)
          return unverified(field, "policy", "there are more signatures than are checked");
        const name = `${outcome.selector}._domainkey.${outcome.signingDomain}`;
        return verified(field, outcome, this.#keys.fault(name), this.#seen(prepared[index]));
      }),
      ...this.#chosen.leave.map((field) =>
        field.isBounded
          ? unverified(field, "policy", "there are more signatures than are checked")
          : unverified(field, "permerror", "the signature cannot be read"),
      ),
    ];
  }

  /** @param date what the Date field says. */
  async arc(date: HeaderFacts["date"]): Promise<ArcFact> {
    const newest = this.#verifier?.signatureHeaders.find(({ type }) => type === "ARC");
    const seen = { ...this.#seen(newest), date };
    return evaluateArc(this.#arcFields, this.#verifier, this.#keys, MIN_KEY_BITS, seen);
  }

  /** What a signature that passes is held against. */
  #seen(signature: PreparedSignature | undefined): SeenMail {
    const hash = this.#verifier?.bodyHashes.get(signature?.bodyHashKey ?? "");
    return {
      counts: this.#section.counts,
      nowMs: this.#clock.wallMs(),
      hasBareLineFeed: hash?.hasBareLineFeed ?? false,
    };
  }
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
