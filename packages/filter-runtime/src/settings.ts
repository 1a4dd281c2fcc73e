import type { Asker } from "@postern/dns";
import type {
  Facts,
  ListFact,
  Lookup,
  Policy,
  Rule,
  ScoreFact,
  SenderDomainFact,
  Site,
  SpfFact,
  SpfFacts,
  Stage,
} from "@postern/filter-core";
import type { MessageResults, SpfQuestion } from "@postern/mail-auth";
import type { Client, Clock, Domain, IpAddress, Network } from "@postern/smtp-filter";
import type { AddressGuard } from "./address-guard.ts";
import type { CountEntry } from "./count-line.ts";
import type { Fault } from "./deadline.ts";
import type { History } from "./history/history.ts";
import type { MarkKey } from "./history/mark-key.ts";
import type { LogEntry } from "./log-line.ts";
import type { Heard } from "./sources/heard.ts";
import type { ReverseName } from "./sources/reverse-name.ts";
import type { Spend, WorkBudget, WorkLimits } from "./work-budget.ts";

/** The lookups a conversation needs, and no more. No method rejects: what failed is `temperror`. */
export interface Sources {
  reverseName(address: IpAddress): Promise<ReverseName>;
  heloAddress(name: Domain): Promise<Lookup<readonly IpAddress[]>>;
  scores(address: IpAddress): Promise<Heard<ScoreFact>>;
  lists(address: IpAddress): Promise<Heard<ListFact>>;
  senderDomain(name: Domain): Promise<SenderDomainFact>;
  spf(question: SpfQuestion): Promise<SpfFact>;
  /** For one message. */
  checkMessage(): MessageChecker;
  /** Whether our own resolver answers at all. */
  resolver(): "up" | "down";
  /** The same on the account of a client; left out: there is one account for all. */
  forAsker?(asker: Asker, spend: Spend): Sources;
}

/** Reads one message as its bytes go by. */
interface MessageChecker {
  /** @param rawValue what follows the colon, folds as LF or CRLF. */
  header(name: Uint8Array, rawValue: Uint8Array): void;
  /** Lines end with CRLF. `enough`: no more of it is needed. */
  body(chunk: Uint8Array): "enough" | "more";
  end(spf: SpfFacts | undefined): Promise<MessageResults>;
}

/** What the filter does by itself, whatever the policy says of the client. */
export type FaultAnswer = "accept" | "tempfail";

/** Everything one conversation is judged by. A reload makes new settings; open conversations keep theirs. */
export interface Settings {
  readonly rules: readonly Rule[];
  readonly policy: Policy;
  readonly site: Site;
  /** Networks that may send as us: nothing is judged. */
  readonly trusted: readonly Network[];
  /** Who forwards to us by the site's own wish: what that hop breaks is no fault. */
  readonly forwarders: {
    readonly clients: readonly Network[];
    /** Who sealed last (RFC 8617). */
    readonly sealers: readonly Domain[];
  };
  /** Where a client may still authenticate, so that nothing is judged before MAIL. */
  readonly submission: {
    readonly ports: readonly number[];
    readonly daemonNames: readonly string[];
  };
  readonly sources: Sources;
  readonly tlsListeners: TlsListeners;
  readonly addressGuard: AddressGuard;
  /** null: nothing is learned. */
  readonly history: History | null;
  /** What proves to `postern learn` that X-Postern is ours; undefined: there is no store, or it did not answer yet. */
  readonly markKey: () => MarkKey | undefined;
  readonly clock: Clock;
  /** Sixteen hexadecimal digits, another each time. */
  readonly newId: () => string;
  readonly log: (entry: LogEntry | CountEntry) => void;
  /** Called for each failure of our own, beside the answer that was given for it. */
  readonly onFault: (fault: Fault, stage: Stage) => void;
  /** The answer where we have a bug or miss our deadline. */
  readonly onFailure: FaultAnswer;
  /** The answer while our resolver is down and a lookup failed for it. */
  readonly onDnsDown: FaultAnswer;
  /** How long a stage before the end of the message may take, lookups and slowing together. */
  readonly stageDeadlineMs: number;
  readonly messageDeadlineMs: number;
  readonly tarpitPlaces: TarpitPlaces;
  /** null: nothing bounds what a session may cost. */
  readonly workBudget: WorkBudget | null;
  readonly workLimits: WorkLimits;
  /** What a script says in the place of a store (`postern try`); absent: nothing. */
  readonly scripted?: Pick<Facts, "reputation" | "complaints" | "seen">;
}

/** Places for clients that are made to wait: each holds a process of the mail server. */
export interface TarpitPlaces {
  /** @returns the function that gives the place back, or undefined where all are taken. */
  take(): (() => void) | undefined;
}

/** Which listeners of the mail server have been seen to offer TLS. */
export interface TlsListeners {
  /** A client of this listener encrypted. */
  note(client: Client): void;
  offers(client: Client): boolean;
}
