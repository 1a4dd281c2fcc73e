import type { DmarcFact } from "../../../packages/filter-core/src/facts/authentication.ts";
import type { Facts } from "../../../packages/filter-core/src/facts/facts.ts";
import {
  dmarc,
  domain,
  honest,
  ip,
  plainHeader,
  signature,
  spf,
} from "../../../packages/filter-core/src/testing/samples.ts";
import { parseMailbox } from "../../../packages/smtp-filter/src/names.ts";

/** The groups of the table, in its order. */
export const GROUPS = [
  "honest, in order",
  "honest, reverse name lost for a day",
  "honest, careless set-up",
  "honest, from a domain that was hijacked",
  "honest, signatures replayed by others",
  "newsletters",
  "transactional mail",
  "newsletter service, good customers",
  "forwarded from another mailbox",
  "discussion lists",
  "big provider, honest",
  "launderers' clean mail",
  "big provider, bad authors",
  "newsletter service, bad customers",
  "snowshoe, a new /64 each day",
  "hijacked domains",
  "slow drip, 4 a day",
  "launderer, spam after 15 days",
  "replay of a signed message",
  "flood of strangers",
  "ordinary spam",
] as const;
export type Group = (typeof GROUPS)[number];

/** One message that somebody wants to deliver. */
export interface Mail {
  readonly group: Group;
  readonly isSpam: boolean;
  readonly atMs: number;
  readonly sender: Sender;
  /** The local part of the author. */
  readonly author: string;
  readonly to: string;
  /** Whether it is tried again after a 4xx, as a mail server does. */
  readonly comesBack: boolean;
  /** From 0 to below 1: its reader marks it where this is below his rate. */
  readonly carelessness: number;
  /** When he looks at it. */
  readonly readAfterMs: number;
  /** Whether its reader answers. */
  readonly isAnswered: boolean;
  /** Whether it names a recipient that does not exist first. */
  readonly guesses: boolean;
  readonly faults: readonly (
    | "no Message-ID"
    | "no one-click"
    | "HELO without address"
    | "no TLS"
  )[];
}

/** What SPF, DKIM and DMARC say. `forged-…`: the author domain is somebody else's, and asks for this. */
type Auth =
  | "dmarc"
  | "spf"
  | "none"
  /** MAIL FROM is of whoever sends for the author: only the author's signature is aligned. */
  | "signature"
  /** As forwarders without SRS leave it. */
  | "signature, SPF fails"
  /** The list is authenticated, its author is not any more. */
  | "list"
  | "forged-none"
  | "forged-absent"
  | "forged-reject";

/** Who delivers, and how well the server is kept. */
export interface Sender {
  /** Of the author. */
  readonly domain: string;
  /** Of MAIL FROM and HELO, where it is another; it signs, too. */
  readonly service?: string;
  readonly address: string;
  readonly name: { readonly kind: "confirmed" | "elsewhere" | "none"; readonly text: string };
  /** From and to when the reverse name is lost. */
  readonly lostMs?: readonly [from: number, to: number];
  readonly auth: Auth;
  /** When a DNS list has it as snowshoe, or as a line for end users. */
  readonly listed?: { readonly label: "css" | "pbl"; readonly fromMs: number };
}

/** What the filter would know of the message at a time, but for its own store. */
export function factsOf(mail: Mail, atMs: number): Facts {
  const { sender, faults, author, to } = mail;
  const { listed, service = sender.domain } = sender;
  return {
    ...honest,
    now: new Date(atMs).toISOString(),
    client: { ...honest.client, address: ip(sender.address), tls: !faults.includes("no TLS") },
    helo: `mail.${service}`,
    heloAddress: faults.includes("HELO without address")
      ? { status: "none" }
      : { status: "found", value: [ip(sender.address)] },
    from: parseMailbox(`${author}@${service}`),
    recipients: [parseMailbox(to)],
    ...reverseOf(sender, atMs),
    scores: [],
    lists: [
      {
        zone: "list.example",
        operator: "list",
        url: null,
        result:
          listed !== undefined && atMs >= listed.fromMs
            ? { status: "found", value: [listed.label] }
            : { status: "none" },
      },
    ],
    ...authOf(sender),
    header: {
      ...plainHeader,
      author: { status: "one", domain: domain(authorOf(sender)), localPart: author },
      date: new Date(atMs).toISOString(),
      hasMessageId: !faults.includes("no Message-ID"),
      hasListId: sender.auth === "list",
      hasListPost: sender.auth === "list",
      hasHttpsUnsubscribe: faults.includes("no one-click"),
    },
  };
}

function reverseOf({ name, lostMs }: Sender, atMs: number): Pick<Facts, "reverseName" | "fcrdns"> {
  const isLost = lostMs !== undefined && atMs >= lostMs[0] && atMs < lostMs[1];
  if (isLost || name.kind === "none") return { reverseName: { status: "none" }, fcrdns: "none" };
  const reverseName = { status: "found", value: domain(name.text) } as const;
  return { reverseName, fcrdns: name.kind === "confirmed" ? "pass" : "fail" };
}

function authorOf({ domain: own, auth }: Sender): string {
  return auth.startsWith("forged") ? "bank.example" : own;
}

function authOf({
  domain: own,
  service = own,
  auth,
}: Sender): Pick<Facts, "spf" | "dkim" | "dmarc"> {
  const found = (
    mailfrom: "pass" | "fail" | "none",
    signers: readonly string[],
    author: DmarcFact,
  ): Pick<Facts, "spf" | "dkim" | "dmarc"> => ({
    spf: { mailfrom: spf(mailfrom, service), helo: spf("none", `mail.${service}`) },
    dkim: signers.map((signer) => signature({ domain: domain(signer) })),
    dmarc: author,
  });
  switch (auth) {
    case "dmarc":
      return found("pass", [own], dmarc("pass", "none", own));
    case "signature":
      return found("pass", [own, service], dmarc("pass", "none", own));
    case "signature, SPF fails":
      return found("fail", [own], dmarc("pass", "none", own));
    case "list":
      return found("pass", [service], dmarc("fail", "none", own));
    case "spf":
      return found("pass", [], dmarc("none", null, own));
    case "none":
      return found("none", [], dmarc("none", null, own));
    case "forged-none":
      return found("none", [], dmarc("fail", "none", "bank.example"));
    case "forged-absent":
      return found("none", [], dmarc("none", null, "bank.example"));
    case "forged-reject":
      return found("none", [], dmarc("fail", "reject", "bank.example"));
  }
}
