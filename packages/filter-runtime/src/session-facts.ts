import { type Facts, type Judgement, judge, type Stage, type Standing } from "@postern/filter-core";
import {
  type Client,
  clientNetwork,
  type IpAddress,
  type Mailbox,
  type ReversePath,
} from "@postern/smtp-filter";
import { forwarderFact } from "./forwarder.ts";
import { type MessageContent, SessionLookups } from "./session-lookups.ts";
import type { Settings } from "./settings.ts";
import { standingAtConnect } from "./standing.ts";
import type { SessionBudget, Spend } from "./work-budget.ts";

const UNBOUNDED: SessionBudget = { spend: () => {}, isSpent: () => false };

/** What is known of one SMTP session, as facts, and the judgement of them. Tells nobody anything. */
export class SessionFacts {
  readonly client: Client;
  readonly settings: Settings;
  readonly #lookups: SessionLookups;
  #standing: Standing;
  #isSecured = false;
  #helo: string | null = null;
  #from: ReversePath | null = null;
  /** Whether its address is the client's, asked when it matters first. */
  #isSeen: boolean | undefined;
  #recipientsTold = { known: 0, unknown: 0 };
  #budget: SessionBudget | undefined;

  constructor(client: Client, settings: Settings) {
    this.client = client;
    this.settings = settings;
    this.#standing = standingAtConnect(client, settings);
    this.#lookups = new SessionLookups(settings, {
      address: () => this.#address(),
      spend: (work, amount) => this.#work().spend(work, amount),
      provable: (stage) => this.provable(this.facts(stage, [])),
    });
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
    if (this.#standing === "outside") this.#lookups.client();
  }

  helo(name: string): void {
    this.#helo = name;
    this.#lookups.forgetHelo(name);
    if (this.#standing === "outside") this.#lookups.helo(name);
  }

  secured(): void {
    this.#isSecured = true;
    this.settings.tlsListeners.note(this.client);
  }

  authenticated(): void {
    if (this.#standing === "outside" || this.#standing === "undecided")
      this.#standing = "authenticated";
  }

  /** MAIL: who has not authenticated by now is outside. */
  mail(from: ReversePath): void {
    this.#from = from;
    this.#lookups.forgetMail();
    if (this.#standing === "undecided") {
      this.#standing = "outside";
      this.#lookups.client();
      if (this.#helo !== null) this.helo(this.#helo);
    }
    if (this.#standing === "outside") this.#lookups.sender(from);
  }

  /** A message begins. null: nothing of it is looked at. */
  message(): MessageContent | null {
    return this.#standing === "outside" ? this.#lookups.message() : null;
  }

  /** The mail server told what became of a recipient. */
  recipientWas(what: "known" | "unknown"): void {
    this.#recipientsTold = { ...this.#recipientsTold, [what]: this.#recipientsTold[what] + 1 };
  }

  /** Aborts what is still asked about the mail of the last MAIL; aborted: nobody hears what becomes of it. */
  get mailOver(): AbortController {
    return this.#lookups.mailOver;
  }

  /** The client is gone: what is still asked is dropped. */
  end(): void {
    this.#lookups.end();
  }

  get isOver(): boolean {
    return this.#lookups.isOver;
  }

  /** Resolves when every lookup that a judgement at this stage needs has ended. */
  ready(stage: Stage): Promise<void> {
    return this.#lookups.ready(stage);
  }

  /** What is known now. */
  facts(stage: Stage, recipients: readonly Mailbox[]): Facts {
    const { address, port, localAddress, localPort, daemonName, mta } = this.client;
    const { clock, site, sources, forwarders, scripted } = this.settings;
    const found = this.#lookups.found();
    const { known, unknown } = this.#recipientsTold;
    return {
      version: 1,
      now: new Date(clock.wallMs()).toISOString(),
      stage,
      standing: this.#standing,
      site,
      client: { address, port, localAddress, localPort, daemonName, mta, tls: this.#tls() },
      helo: this.#helo,
      from: this.#from,
      recipients,
      resolver: sources.resolver(),
      ...forwarderFact(address, found.arc, forwarders),
      ...found,
      ...scripted,
      ...(known + unknown > 0 ? { recipientsTold: this.#recipientsTold } : {}),
    };
  }

  /** The same facts; an address that hides the client (such as a proxy's) is left out. */
  provable(facts: Facts): Facts {
    return this.#address() === null
      ? { ...facts, client: { ...facts.client, address: null } }
      : facts;
  }

  /** Where the facts show a client that is known here to be good, it bears witness for or against lists and zones. */
  vouch(facts: Facts): void {
    this.#lookups.vouch(facts);
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
}
