import type { Facts } from "../../../packages/filter-core/src/facts.ts";
import {
  dmarc,
  domain,
  honest,
  ip,
  plainHeader,
  signature,
  spf,
} from "../../../packages/filter-core/src/testing/samples.ts";

/** The groups of the table, in its order. */
export const GROUPS = [
  "honest, in order",
  "honest, in order, reverse name lost for a day",
  "honest, careless set-up",
  "honest, from a domain that was hijacked",
  "big provider, honest",
  "big provider, spam",
  "snowshoe, a new /64 each day",
  "spam from a hijacked domain",
  "ordinary spam",
] as const;
export type Group = (typeof GROUPS)[number];

/** One message that somebody wants to deliver. */
export interface Mail {
  readonly group: Group;
  readonly isSpam: boolean;
  readonly atMs: number;
  readonly sender: Sender;
  /** Whether it is tried again after a 4xx, as a mail server does. */
  readonly comesBack: boolean;
  /** Whether its reader would mark it, where it is not where it belongs. */
  readonly isMarked: boolean;
  /** Whether its reader answers. */
  readonly isAnswered: boolean;
  /** Whether it names a recipient that does not exist first. */
  readonly guesses: boolean;
  readonly faults: readonly ("no Message-ID" | "no one-click" | "HELO without address")[];
}

/** Who delivers, and how well the server is kept. */
export interface Sender {
  readonly domain: string;
  readonly address: string;
  readonly name: { readonly kind: "confirmed" | "elsewhere" | "none"; readonly text: string };
  /** From and to when the reverse name is lost. */
  readonly lostMs?: readonly [from: number, to: number];
  /** `forged-…`: the author domain is somebody else's, and asks for this. */
  readonly auth: "dmarc" | "spf" | "none" | "forged-none" | "forged-absent" | "forged-reject";
  /** What an external score says at a time; undefined: it does not know the address. */
  score(atMs: number): number | undefined;
  /** When a DNS list has it as snowshoe, or as a line for end users. */
  readonly listed?: { readonly label: "css" | "pbl"; readonly fromMs: number };
}

/** Where reputation comes from. */
export interface Sources {
  readonly hasScores: boolean;
  readonly hasStore: boolean;
}

/** What the filter would know of the message at a time, but for its own store. */
export function factsOf(mail: Mail, atMs: number, { hasScores }: Sources): Facts {
  const { sender, faults } = mail;
  const score = hasScores ? sender.score(atMs) : undefined;
  const { listed } = sender;
  return {
    ...honest,
    now: new Date(atMs).toISOString(),
    client: { ...honest.client, address: ip(sender.address) },
    helo: `mail.${sender.domain}`,
    heloAddress: faults.includes("HELO without address")
      ? { status: "none" }
      : { status: "found", value: [ip(sender.address)] },
    from: { text: `a@${sender.domain}`, localPart: "a", domain: domain(sender.domain) },
    ...reverseOf(sender, atMs),
    scores: [
      {
        zone: "score.example",
        result: score === undefined ? { status: "none" } : { status: "found", value: score },
      },
    ],
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
      author: { status: "one", domain: domain(authorOf(sender)) },
      date: new Date(atMs).toISOString(),
      hasMessageId: !faults.includes("no Message-ID"),
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

function authOf({ domain: own, auth }: Sender): Pick<Facts, "spf" | "dkim" | "dmarc"> {
  const helo = spf("none", `mail.${own}`);
  const nothing = { spf: { mailfrom: spf("none", own), helo }, dkim: [] };
  switch (auth) {
    case "dmarc":
      return {
        spf: { mailfrom: spf("pass", own), helo },
        dkim: [signature({ domain: domain(own) })],
        dmarc: dmarc("pass", "none", own),
      };
    case "spf":
      return {
        spf: { mailfrom: spf("pass", own), helo },
        dkim: [],
        dmarc: dmarc("none", null, own),
      };
    case "none":
      return { ...nothing, dmarc: dmarc("none", null, own) };
    case "forged-none":
      return { ...nothing, dmarc: dmarc("fail", "none", "bank.example") };
    case "forged-absent":
      return { ...nothing, dmarc: dmarc("none", null, "bank.example") };
    case "forged-reject":
      return { ...nothing, dmarc: dmarc("fail", "reject", "bank.example") };
  }
}
