import type { Resolver } from "@postern/dns";
import type { AuthorFact, Facts, SpfFacts } from "@postern/filter-core";
import { type Clock, systemClock } from "@postern/smtp-filter";
import { HeaderSection } from "./dkim/header-section.ts";
import { lookUpAuthorDomain } from "./dmarc/author-domain.ts";
import { evaluateDmarc } from "./dmarc/dmarc.ts";
import { HeaderReader } from "./header/header-reader.ts";
import { QUESTIONS, questionBudget } from "./question-budget.ts";
import { SignatureCheck } from "./signature-check.ts";

/** What a message itself tells of where it is from. */
export type MessageResults = Required<Pick<Facts, "header" | "dkim" | "arc">> &
  Pick<Facts, "dmarc" | "authorDomain">;

/** Work that a message causes: fields and KiB of the header once, and once more for each signature verified. */
type MessageWork = "field" | "headerKiB" | "signature" | "bodyKiB";

export interface CheckOptions {
  readonly resolver: Resolver;
  /** By which signatures expire; default the machine's. */
  readonly clock?: Clock;
  /** Called for work that is done, as it is done: who calls puts a price on each unit. */
  readonly onWork?: (work: MessageWork, amount: number) => void;
}

/**
 * Checks one message as its bytes go by: fields, then chunks of the body with CRLF line ends, then `end`.
 * Keeps the header (bounded) and hash states; nothing of the body.
 */
export class MessageCheck {
  readonly #options: Required<CheckOptions>;
  readonly #reader = new HeaderReader();
  readonly #section = new HeaderSection();
  #begun: Begun | undefined;

  constructor({ resolver, clock = systemClock, onWork = () => {} }: CheckOptions) {
    this.#options = { resolver, clock, onWork };
  }

  /** @param rawValue what follows the colon, folds as LF or CRLF. */
  header(name: Uint8Array, rawValue: Uint8Array): void {
    this.#reader.see(latin1(name), latin1(rawValue));
    this.#section.add(name, rawValue);
  }

  /** `enough`: nothing that is signed is to be checked, so that no more of the body is needed. */
  body(chunk: Uint8Array): "enough" | "more" {
    this.#begun ??= this.#begin();
    return this.#begun.signatures.body(chunk);
  }

  /**
   * Ends the message. Never rejects for anything that a message or the DNS holds.
   *
   * @param spf of the sender, for DMARC; undefined where the client's address is not known.
   */
  async end(spf: SpfFacts | undefined): Promise<MessageResults> {
    this.#begun ??= this.#begin();
    const { header, signatures } = this.#begun;
    await signatures.end();
    const dkim = signatures.dkim();
    const { resolver } = this.#options;
    const [arc, dmarc] = await Promise.all([
      signatures.arc(header.date),
      evaluateDmarc(questionBudget(resolver, QUESTIONS.dmarc), header.author, spf, dkim),
    ]);
    const authorDomain = await this.#authorDomain(header.author, dmarc);
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
    author: AuthorFact,
    dmarc: MessageResults["dmarc"],
  ): Promise<MessageResults["authorDomain"]> {
    if (author.status !== "one" || dmarc?.result !== "none") return undefined;
    return lookUpAuthorDomain(this.#options.resolver, author.domain);
  }

  /** The header is complete. */
  #begin(): Begun {
    const header = this.#reader.facts();
    return { header, signatures: new SignatureCheck(this.#section, header.author, this.#options) };
  }
}

interface Begun {
  readonly header: MessageResults["header"];
  readonly signatures: SignatureCheck;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
