import type { ByteText, Domain, IpAddress, Mailbox, Mta, ReversePath } from "@postern/smtp-filter";
import type {
  ArcFact,
  DkimFact,
  DmarcFact,
  HeaderFacts,
  SealedMethod,
  SpfFacts,
} from "./authentication.ts";
import type { Complaints } from "./complaints.ts";
import type { Lookup } from "./lookup.ts";
import type { SeenFact } from "./seen.ts";
import type { Stage } from "./stage.ts";

/**
 * Whether the rules apply to this client. They do `outside` only.
 * `undecided`: on a submission port, before we know whether the client authenticates.
 */
export type Standing = "outside" | "undecided" | "authenticated" | "trusted" | "local";

/** The names of this server. */
export interface Site {
  /** The name in our Authentication-Results (RFC 8601 section 2.5). */
  readonly authservId: string;
  readonly localDomains: readonly Domain[];
}

export interface ClientFacts {
  /** null where the mail server gave none that can be read. */
  readonly address: IpAddress | null;
  readonly port: number | null;
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  readonly daemonName: string | null;
  readonly mta: Mta;
  /** false only where this listener has been seen to offer TLS; null: not known. */
  readonly tls: boolean | null;
}

/** What one score zone says of the client: 0 (worst) to 100. */
export interface ScoreFact {
  readonly zone: string;
  readonly result: Lookup<number>;
}

/** What one DNS list says of the client: the labels that the site gave its answers. */
export interface ListFact {
  readonly zone: string;
  /** Its operator. */
  readonly operator: string;
  /** Its page about this address; null if none is configured. */
  readonly url: string | null;
  readonly result: Lookup<readonly string[]>;
}

/**
 * Whether the domain of MAIL FROM can take a bounce: it has an MX or an address; says itself that it takes no mail
 * (RFC 7505); or has nothing, or does not exist.
 */
export type SenderDomainFact = "takes-mail" | "null-mx" | "nothing" | "temperror";

/** Whether the author domain, or a domain above it up to the public suffix, exists in the DNS. */
export type AuthorDomainFact = "exists" | "none" | "temperror";

/** A forwarder that the site configured: faults caused by forwarding do not count against the sender. */
export type ForwarderFact =
  | { readonly by: "client" }
  /** Limited to what the sealer reports as pass. */
  | {
      readonly by: "arc-sealer";
      readonly domain: Domain;
      readonly passes: readonly SealedMethod[];
    };

/** Trust learned here or bought: what it is, how much, and whether it counts before the message is known. */
export interface Credit {
  readonly source: string;
  readonly amount: number;
  /** `connection`: of the address, its network or DNSWL. `message`: only with an aligned author. */
  readonly of: "connection" | "message";
}

/**
 * Everything known of one conversation so far: plain JSON, so that a log row can be judged again.
 * A lookup that nothing gathers yet is left out; one that failed is `temperror`.
 */
export interface Facts {
  readonly version: 1;
  /** When it is judged, RFC 3339 in UTC. */
  readonly now: string;
  /** The stage that the SMTP session has reached. */
  readonly stage: Stage;
  readonly standing: Standing;
  readonly site: Site;
  readonly client: ClientFacts;
  /** The last HELO or EHLO; null where none came. */
  readonly helo: ByteText | null;
  readonly from: ReversePath | null;
  /** At RCPT the current recipient, at the end of the message those accepted. */
  readonly recipients: readonly Mailbox[];
  /** The name that confirms the address, else the alphabetically first (RFC 1035 section 3.5). */
  readonly reverseName?: Lookup<Domain>;
  /** Whether the reverse name is forward-confirmed (FCrDNS; RFC 8601 section 3, "iprev"). */
  readonly fcrdns?: "pass" | "fail" | "none" | "temperror";
  /** The addresses of the HELO name, where it is a proper name. */
  readonly heloAddress?: Lookup<readonly IpAddress[]>;
  readonly scores?: readonly ScoreFact[];
  readonly spf?: SpfFacts;
  readonly header?: HeaderFacts;
  /** Forged fields of ours; `flood`: more than a legitimate message contains. */
  readonly forgedFields?: "few" | "flood";
  /** Every signature looked at, those that were verified first; empty where there is none. */
  readonly dkim?: readonly DkimFact[];
  readonly arc?: ArcFact;
  readonly dmarc?: DmarcFact;
  readonly lists?: readonly ListFact[];
  /** Left out for the null sender, and where the sender has no domain. */
  readonly senderDomain?: SenderDomainFact;
  /** Looked up only where nothing else shows that the author domain exists. */
  readonly authorDomain?: AuthorDomainFact;
  readonly forwarder?: ForwarderFact;
  readonly credits?: readonly Credit[];
  /** By key of an identity, 0 (worst) to 100; the unknown are left out. Left out: no store, or it did not answer. */
  readonly reputation?: Readonly<Record<string, number>>;
  /** The same scores without clean mail: what people's marks and letters say. Where a key is left out: the same. */
  readonly vouched?: Readonly<Record<string, number>>;
  /** By key of an identity: what users did with its mail. */
  readonly complaints?: Readonly<Record<string, Complaints>>;
  /** Whether a user of ours has written to the address, or to anybody of the domain. Left out: there is no store. */
  readonly correspondents?: "address" | "domain" | "none" | "temperror";
  /** Absent: there is no store, or it did not answer. */
  readonly seen?: SeenFact;
  /** Since how many days this site has been learning. */
  readonly learning?: number;
  /** The outcome of the recipients of this connection so far, if the mail server reports it. */
  readonly recipientsTold?: { readonly known: number; readonly unknown: number };
  /** Whether our own resolver works; absent: it does. */
  readonly resolver?: "up" | "down";
}

/** The name of one fact. */
export type FactName = keyof Facts;
