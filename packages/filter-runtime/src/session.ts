import {
  type Facts,
  isBefore,
  type Judgement,
  judge,
  knownGood,
  readHelo,
  type Stage,
  type Standing,
} from "@postern/filter-core";
import {
  type Client,
  type IpAddress,
  type Mailbox,
  networkHas,
  parseWrittenDomain,
  type ReversePath,
} from "@postern/smtp-filter";
import { clientNetwork } from "./client-network.ts";
import { Recollection } from "./history/recollection.ts";
import type { Settings, Sources } from "./settings.ts";
import type { GoodTo } from "./sources/heard.ts";
import type { SessionBudget, Spend } from "./work-budget.ts";

const UNBOUNDED: SessionBudget = { spend: () => {}, isSpent: () => false };

type OfClient = Pick<Facts, "reverseName" | "fcrdns" | "scores" | "lists" | "heloAddress">;
type OfMail = Pick<
  Facts,
  "senderDomain" | "spf" | "header" | "dkim" | "arc" | "dmarc" | "authorDomain"
>;

type Lookup =
  | "history"
  | "reverse name"
  | "scores"
  | "lists"
  | "HELO address"
  | "sender domain"
  | "SPF"
  | "message";

/**
 * What is known of one SMTP conversation, and the judgement of it. Lookups start as soon as what they need is
 * known, and are waited for only where a judgement needs them. Tells nobody anything.
 */
export class Session {
  readonly client: Client;
  readonly settings: Settings;
  #standing: Standing;
  #isSecured = false;
  #helo: string | null = null;
  #from: ReversePath | null = null;
  /** Counts MAIL commands: what an earlier one looked up does not count any more. */
  #transaction = 0;
  #ofClient: OfClient = {};
  #ofMail: OfMail = {};
  /** Whether its address is the client's, asked when it matters first. */
  #isSeen: boolean | undefined;
  #told = { known: 0, unknown: 0 };
  /** By what was said of the client, lists and score zones learn about themselves. */
  #vouchers: readonly ((goodTo: GoodTo) => void)[] = [];
  readonly #recollection: Recollection | null;
  /** Abort what is still asked about the client, and about the mail of the last MAIL. */
  readonly #clientGone = new AbortController();
  #mailOver = new AbortController();
  #sourcesOfClient: Sources | undefined;
  #budget: SessionBudget | undefined;
  /** Under way or done; a later one of the same kind takes the place of an earlier. */
  readonly #pending = new Map<Lookup, { readonly neededAt: Stage; readonly done: Promise<void> }>();

  constructor(client: Client, settings: Settings) {
    this.client = client;
    this.settings = settings;
    this.#standing = standingAtConnect(client, settings);
    const { history, policy } = settings;
    const { reputation } = policy;
    this.#recollection =
      history === null || reputation === undefined ? null : new Recollection(history, reputation);
  }

  /** Notes work that was done for this client. */
  readonly spend: Spend = (work, amount) => this.#work().spend(work, amount);

  /** Whether it costs more than it may, where it is one that is judged. */
  isOverBudget(): boolean {
    return this.#standing === "outside" && this.#work().isSpent();
  }

  get standing(): Standing {
    return this.#standing;
  }

  /** The client has connected: its address is looked up, where it is judged by it. */
  connect(): void {
    if (this.#standing === "outside") this.#lookUpAddress();
  }

  helo(name: string): void {
    this.#helo = name;
    const { heloAddress: _, ...others } = this.#ofClient;
    this.#ofClient = others;
    const read = readHelo(name);
    if (this.#standing !== "outside" || read.kind !== "name") return;
    this.#lookUp("HELO address", "message", async () => {
      const heloAddress = await this.#sources().heloAddress(read.domain);
      if (this.#helo === name) this.#ofClient = { ...this.#ofClient, heloAddress };
    });
  }

  secured(): void {
    this.#isSecured = true;
    this.settings.tlsListeners.note(this.client);
  }

  authenticated(): void {
    if (this.#standing === "outside" || this.#standing === "undecided")
      this.#standing = "authenticated";
  }

  /** MAIL: who has not authenticated by now is outside. What an earlier one still asks is dropped. */
  mail(from: ReversePath): void {
    this.#mailOver.abort();
    this.#mailOver = new AbortController();
    this.#from = from;
    this.#transaction += 1;
    this.#pending.delete("message");
    this.#ofMail = {};
    this.#recollection?.forgetMessage();
    if (this.#standing === "undecided") {
      this.#standing = "outside";
      this.#lookUpAddress();
      if (this.#helo !== null) this.helo(this.#helo);
    }
    if (this.#standing === "outside") this.#lookUpSender(from);
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

  /** A message begins. null: nothing of it is looked at. */
  message(): MessageContent | null {
    if (this.#standing !== "outside") return null;
    const check = this.#sourcesUntil(this.#mailOver.signal).checkMessage();
    const transaction = this.#transaction;
    return {
      header: (name, rawValue) => check.header(name, rawValue),
      body: (chunk) => check.body(chunk),
      end: () =>
        this.#lookUp("message", "message", async () => {
          await this.#pending.get("SPF")?.done;
          const found = await check.end(this.#ofMail.spf);
          this.#learn(transaction, found);
          await this.#recollection?.message(
            this.provable(this.facts("message", [])),
            () => this.#transaction === transaction,
          );
        }),
    };
  }

  /** The mail server told what became of a recipient. */
  recipientWas(what: "known" | "unknown"): void {
    this.#told = { ...this.#told, [what]: this.#told[what] + 1 };
  }

  /** The same facts; an address that hides the client (such as a proxy's) is left out. */
  provable(facts: Facts): Facts {
    return this.#address() === null
      ? { ...facts, client: { ...facts.client, address: null } }
      : facts;
  }

  /** Resolves when every lookup that a judgement at this stage needs has ended. */
  async ready(stage: Stage): Promise<void> {
    const needed = [...this.#pending.values()].filter(({ neededAt }) => !isBefore(stage, neededAt));
    await Promise.all(needed.map(({ done }) => done));
  }

  /** What is known now. */
  facts(stage: Stage, recipients: readonly Mailbox[]): Facts {
    const { address, port, localAddress, localPort, daemonName, mta } = this.client;
    return {
      version: 1,
      now: new Date(this.settings.clock.wallMs()).toISOString(),
      stage,
      standing: this.#standing,
      site: this.settings.site,
      client: { address, port, localAddress, localPort, daemonName, mta, tls: this.#tls() },
      helo: this.#helo,
      from: this.#from,
      recipients,
      resolver: this.settings.sources.resolver(),
      ...this.#forwarder(),
      ...this.#ofClient,
      ...this.#ofMail,
      ...this.#recollection?.facts(this.settings.clock.wallMs()),
      ...(this.#told.known + this.#told.unknown > 0 ? { recipientsTold: this.#told } : {}),
    };
  }

  /** Where the facts show a client that is known here to be good, it bears witness for or against lists and zones. */
  vouch(facts: Facts): void {
    const { policy } = this.settings;
    for (const vouch of this.#vouchers) vouch((operator) => knownGood(facts, policy, operator));
  }

  /** The judgement of what is known now. */
  judge(facts: Facts): Judgement {
    return judge(this.settings.rules, facts, this.settings.policy);
  }

  #tls(): boolean | null {
    if (this.#isSecured) return true;
    return this.settings.tlsListeners.offers(this.client) ? false : null;
  }

  /** The address to judge by; null where there is none, or it is that of something between us and the client. */
  #address(): IpAddress | null {
    this.#isSeen ??= this.settings.addressGuard.isTheirs(this.client);
    return this.#isSeen ? this.client.address : null;
  }

  #work(): SessionBudget {
    const { workBudget, workLimits } = this.settings;
    const address = this.#address();
    const network = address === null ? null : clientNetwork(address);
    this.#budget ??= workBudget?.session(network, workLimits) ?? UNBOUNDED;
    return this.#budget;
  }

  #sources(): Sources {
    this.#sourcesOfClient ??= this.#sourcesUntil(this.#clientGone.signal);
    return this.#sourcesOfClient;
  }

  /** Lookups are on the account of the client's network, where its address is its own. */
  #sourcesUntil(signal: AbortSignal): Sources {
    const { sources } = this.settings;
    const address = this.#address();
    const account = address === null ? {} : { network: clientNetwork(address) };
    return sources.forAsker?.({ ...account, signal }, this.spend) ?? sources;
  }

  #lookUpAddress(): void {
    const address = this.#address();
    const sources = this.#sources();
    if (address === null) return;
    if (this.#recollection !== null) {
      const recollection = this.#recollection;
      this.#lookUp("history", "connect", () =>
        recollection.client(this.provable(this.facts("connect", []))),
      );
    }
    this.#lookUp("reverse name", "connect", async () => {
      const { reverseName, fcrdns } = await sources.reverseName(address);
      this.#ofClient = { ...this.#ofClient, reverseName, fcrdns };
    });
    this.#lookUp("scores", "connect", async () => {
      const { facts: scores, vouch } = await sources.scores(address);
      this.#ofClient = { ...this.#ofClient, scores };
      this.#vouchers = [...this.#vouchers, vouch];
    });
    this.#lookUp("lists", "connect", async () => {
      const { facts: lists, vouch } = await sources.lists(address);
      if (lists.length > 0) this.#ofClient = { ...this.#ofClient, lists };
      this.#vouchers = [...this.#vouchers, vouch];
    });
  }

  #lookUpSender(from: ReversePath): void {
    const address = this.#address();
    const sources = this.#sourcesUntil(this.#mailOver.signal);
    const helo = this.#helo;
    const transaction = this.#transaction;
    const domain = from === "null-sender" ? undefined : parseWrittenDomain(domainOf(from));
    this.#pending.delete("sender domain");
    if (domain !== undefined)
      this.#lookUp("sender domain", "mail", async () =>
        this.#learn(transaction, { senderDomain: await sources.senderDomain(domain) }),
      );
    if (address === null) return;
    this.#lookUp("SPF", "message", async () => {
      const [mailfrom, heloFact] = await Promise.all([
        sources.spf({ address, helo, identity: from }),
        sources.spf({ address, helo, identity: "helo" }),
      ]);
      this.#learn(transaction, { spf: { mailfrom, helo: heloFact } });
    });
  }

  /** What an earlier transaction looked up comes too late. */
  #learn(transaction: number, found: OfMail): void {
    if (this.#transaction === transaction) this.#ofMail = { ...this.#ofMail, ...found };
  }

  #forwarder(): Pick<Facts, "forwarder"> {
    const { clients, sealers } = this.settings.forwarders;
    const { address } = this.client;
    if (address !== null && clients.some((network) => networkHas(network, address)))
      return { forwarder: { by: "client" } };
    const { arc } = this.#ofMail;
    const isBelieved = arc?.result === "pass" && arc.doubt === undefined;
    const last = isBelieved ? arc.sealers.at(-1) : undefined;
    if (last === undefined || !sealers.includes(last)) return {};
    return { forwarder: { by: "arc-sealer", domain: last, passes: arc?.sealedPasses ?? [] } };
  }

  /** A source that rejects has a bug; whoever waits for the judgement is told, nobody else. */
  #lookUp(what: Lookup, neededAt: Stage, work: () => Promise<void>): void {
    const done = work();
    done.catch(() => {});
    this.#pending.set(what, { neededAt, done });
  }
}

/** The bytes of a message on their way; what they tell is among the facts once `end` has been waited for. */
export interface MessageContent {
  header(name: Uint8Array, rawValue: Uint8Array): void;
  /** `enough`: no more of it is needed. */
  body(chunk: Uint8Array): "enough" | "more";
  end(): void;
}

/** The text behind the last `@`; empty where there is none. */
function domainOf({ text }: Mailbox): string {
  const at = text.lastIndexOf("@");
  return at === -1 ? "" : text.slice(at + 1);
}

function standingAtConnect(
  { address, origin, localPort, daemonName }: Client,
  { trusted, submission }: Settings,
): Standing {
  if (origin === "local") return "local";
  if (address !== null && trusted.some((network) => networkHas(network, address))) return "trusted";
  const isSubmission =
    (localPort !== null && submission.ports.includes(localPort)) ||
    (daemonName !== null && submission.daemonNames.includes(daemonName));
  return isSubmission ? "undecided" : "outside";
}
