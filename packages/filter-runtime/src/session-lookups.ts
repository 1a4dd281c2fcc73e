import { type Facts, knownGood, readHelo, type Stage } from "@postern/filter-core";
import {
  clientNetwork,
  type IpAddress,
  type Mailbox,
  parseWrittenDomain,
  type ReversePath,
} from "@postern/smtp-filter";
import { HistoryFacts } from "./history/history-facts.ts";
import { PendingLookups } from "./pending-lookups.ts";
import type { Settings, Sources } from "./settings.ts";
import type { GoodTo } from "./sources/heard.ts";
import type { Spend } from "./work-budget.ts";

type OfClient = Pick<Facts, "reverseName" | "fcrdns" | "scores" | "lists" | "heloAddress">;
type OfMail = Pick<
  Facts,
  "senderDomain" | "spf" | "header" | "dkim" | "arc" | "dmarc" | "authorDomain"
>;

/** For whom lookups are made. */
export interface Asker {
  /** The address to judge by; null where there is none, or it is not the client's own. */
  address(): IpAddress | null;
  readonly spend: Spend;
  /** What is known so far, without what proves nothing. */
  provable(stage: Stage): Facts;
}

/** The bytes of a message on their way; what they tell is among the facts once `end` has been waited for. */
export interface MessageContent {
  header(name: Uint8Array, rawValue: Uint8Array): void;
  /** `enough`: no more of it is needed. */
  body(chunk: Uint8Array): "enough" | "more";
  end(): void;
}

/**
 * The lookups of one SMTP session, and what they found. They start as soon as what they need is known, and are waited for
 * only where a judgement needs them.
 */
export class SessionLookups {
  readonly #settings: Settings;
  readonly #asker: Asker;
  readonly #pending = new PendingLookups();
  readonly #history: HistoryFacts | null;
  #ofClient: OfClient = {};
  #ofMail: OfMail = {};
  /** Counts MAIL commands: what an earlier one looked up does not count any more. */
  #transaction = 0;
  #helo: string | null = null;
  /** By what was said of the client, lists and score zones learn about themselves. */
  #vouchers: readonly ((goodTo: GoodTo) => void)[] = [];
  /** Abort what is still asked about the client, and about the mail of the last MAIL. */
  readonly #clientGone = new AbortController();
  #mailOver = new AbortController();
  #sourcesOfClient: Sources | undefined;

  constructor(settings: Settings, asker: Asker) {
    this.#settings = settings;
    this.#asker = asker;
    const { history, policy } = settings;
    const { reputation } = policy;
    this.#history =
      history === null || reputation === undefined ? null : new HistoryFacts(history, reputation);
  }

  /** What was found so far. */
  found(): Partial<Facts> {
    const { clock } = this.#settings;
    return { ...this.#ofClient, ...this.#ofMail, ...this.#history?.facts(clock.wallMs()) };
  }

  /** Resolves when every lookup that a judgement at this stage needs has ended. */
  ready(stage: Stage): Promise<void> {
    return this.#pending.ready(stage);
  }

  /** Looks the address up. */
  client(): void {
    const address = this.#asker.address();
    const sources = this.#sources();
    if (address === null) return;
    const history = this.#history;
    if (history !== null)
      this.#pending.start("history", "connect", () =>
        history.client(this.#asker.provable("connect")),
      );
    this.#pending.start("reverse name", "connect", async () => {
      const { reverseName, fcrdns } = await sources.reverseName(address);
      this.#ofClient = { ...this.#ofClient, reverseName, fcrdns };
    });
    this.#pending.start("scores", "connect", async () => {
      const { facts: scores, vouch } = await sources.scores(address);
      this.#ofClient = { ...this.#ofClient, scores };
      this.#vouchers = [...this.#vouchers, vouch];
    });
    this.#pending.start("lists", "connect", async () => {
      const { facts: lists, vouch } = await sources.lists(address);
      if (lists.length > 0) this.#ofClient = { ...this.#ofClient, lists };
      this.#vouchers = [...this.#vouchers, vouch];
    });
  }

  /** Another HELO: the address of the last name does not count any more. */
  forgetHelo(name: string): void {
    this.#helo = name;
    const { heloAddress: _, ...others } = this.#ofClient;
    this.#ofClient = others;
  }

  /** Looks the HELO name up, where it is one. */
  helo(name: string): void {
    const read = readHelo(name);
    if (read.kind !== "name") return;
    this.#pending.start("HELO address", "message", async () => {
      const heloAddress = await this.#sources().heloAddress(read.domain);
      if (this.#helo === name) this.#ofClient = { ...this.#ofClient, heloAddress };
    });
  }

  /** Another MAIL: what the last one still asks is dropped. */
  forgetMail(): void {
    this.#mailOver.abort();
    this.#mailOver = new AbortController();
    this.#transaction += 1;
    this.#pending.forget("message");
    this.#ofMail = {};
    this.#history?.forgetMessage();
  }

  /** Looks the sender up. */
  sender(from: ReversePath): void {
    const address = this.#asker.address();
    const sources = this.#sourcesUntil(this.#mailOver.signal);
    const helo = this.#helo;
    const transaction = this.#transaction;
    const domain = from === "null-sender" ? undefined : parseWrittenDomain(domainOf(from));
    this.#pending.forget("sender domain");
    if (domain !== undefined)
      this.#pending.start("sender domain", "mail", async () =>
        this.#keep(transaction, { senderDomain: await sources.senderDomain(domain) }),
      );
    if (address === null) return;
    this.#pending.start("SPF", "message", async () => {
      const [mailfrom, heloFact] = await Promise.all([
        sources.spf({ address, helo, identity: from }),
        sources.spf({ address, helo, identity: "helo" }),
      ]);
      this.#keep(transaction, { spf: { mailfrom, helo: heloFact } });
    });
  }

  /** A message begins; what it needs is looked up at its end. */
  message(): MessageContent {
    const check = this.#sourcesUntil(this.#mailOver.signal).checkMessage();
    const transaction = this.#transaction;
    return {
      header: (name, rawValue) => check.header(name, rawValue),
      body: (chunk) => check.body(chunk),
      end: () =>
        this.#pending.start("message", "message", async () => {
          await this.#pending.ended("SPF");
          this.#keep(transaction, await check.end(this.#ofMail.spf));
          await this.#history?.message(
            this.#asker.provable("message"),
            () => this.#transaction === transaction,
          );
        }),
    };
  }

  /** Where the facts show a client that is known here to be good, it bears witness for or against lists and zones. */
  vouch(facts: Facts): void {
    const { policy } = this.#settings;
    for (const vouch of this.#vouchers) vouch((operator) => knownGood(facts, policy, operator));
  }

  /** Aborts what is still asked about the mail of the last MAIL; aborted: nobody hears what becomes of it. */
  get mailOver(): AbortController {
    return this.#mailOver;
  }

  /** The client is gone: what is still asked is dropped. */
  end(): void {
    this.#mailOver.abort();
    this.#clientGone.abort();
  }

  get isOver(): boolean {
    return this.#clientGone.signal.aborted;
  }

  #sources(): Sources {
    this.#sourcesOfClient ??= this.#sourcesUntil(this.#clientGone.signal);
    return this.#sourcesOfClient;
  }

  /** Lookups are on the account of the client's network, where its address is its own. */
  #sourcesUntil(signal: AbortSignal): Sources {
    const { sources } = this.#settings;
    const address = this.#asker.address();
    const account = address === null ? {} : { network: clientNetwork(address) };
    return sources.forAsker?.({ ...account, signal }, this.#asker.spend) ?? sources;
  }

  /** What an earlier transaction looked up comes too late. */
  #keep(transaction: number, found: OfMail): void {
    if (this.#transaction === transaction) this.#ofMail = { ...this.#ofMail, ...found };
  }
}

/** The text behind the last `@`; empty where there is none. */
function domainOf({ text }: Mailbox): string {
  const at = text.lastIndexOf("@");
  return at === -1 ? "" : text.slice(at + 1);
}
