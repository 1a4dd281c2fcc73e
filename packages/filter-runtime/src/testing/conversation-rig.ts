import assert from "node:assert/strict";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import {
  type Lookup,
  type Policy,
  parseReplyTemplate,
  type ReplyTemplate,
  rules,
} from "@postern/filter-core";
import { MessageCheck } from "@postern/mail-auth";
import {
  type Answer,
  type Client,
  type Connection,
  type Domain,
  type IpAddress,
  type Mailbox,
  type Open,
  parseDomain,
  parseIpAddress,
  parseMailbox,
  type Transaction,
} from "@postern/smtp-filter";
import { type FakeClock, fakeClock } from "@postern/smtp-filter/testing";
import { createOpen } from "../connection.ts";
import { formatEntry } from "../count-line.ts";
import type { Settings } from "../settings.ts";
import { UNHEARD } from "../sources/heard.ts";
import { tarpitPlaces } from "../tarpit-places.ts";
import { rememberTlsListeners } from "../tls-listeners.ts";
import { WORK_LIMITS } from "../work-budget.ts";

/* For tests: a conversation with everything around it scripted. */

export const reply = (text: string): ReplyTemplate => {
  const parsed = parseReplyTemplate(text);
  assert.ok(typeof parsed !== "string");
  return parsed;
};
const parsedName = parseDomain("mail.example.com");
const parsedAddress = parseIpAddress("192.0.2.7");
assert.ok(parsedName && parsedAddress);
export const name: Domain = parsedName;
const address: IpAddress = parsedAddress;
export const to: Mailbox = parseMailbox("<b@example.org>");

export const policy: Policy = {
  name: "sample",
  mode: "enforce",
  refuseAt: "rcpt",
  thresholds: { reject: 10, junk: 6, defer: 4 },
  caps: {},
  credits: {},
  rules: {
    "rdns.none": { kind: "final", debt: 10, reply: reply("550 5.7.25 you must have rDNS") },
  },
  slowFactorMs: 0,
  scoreHeader: false,
  replyId: false,
  deny: [],
  allow: [],
  allowCancels: "debts",
  recipients: [],
};

export const client: Client = {
  address,
  port: 1,
  origin: "network",
  localAddress: null,
  localPort: 25,
  daemonName: "mx",
  mta: { name: "postfix", version: null },
};

export interface Rig {
  readonly open: Open;
  readonly clock: FakeClock;
  /** The log. */
  readonly lines: string[];
  readonly faults: string[];
  readonly settings: Settings;
}

export function rig(
  change: Partial<Settings> = {},
  reverse: Lookup<Domain> = { status: "none" },
): Rig {
  const clock = fakeClock();
  const lines: string[] = [];
  const faults: string[] = [];
  let id = 0;
  const settings: Settings = {
    rules,
    policy,
    site: { authservId: "mx.example.org", localDomains: [] },
    trusted: [],
    forwarders: { clients: [], sealers: [] },
    submission: { ports: [], daemonNames: [] },
    sources: {
      reverseName: async () => ({
        reverseName: reverse,
        fcrdns: reverse.status === "found" ? "pass" : reverse.status,
      }),
      heloAddress: async () => ({ status: "none" }),
      scores: async () => UNHEARD,
      spf: async () => ({ result: "none", domain: null, permits: "some" }),
      lists: async () => UNHEARD,
      senderDomain: async () => "takes-mail",
      checkMessage: () =>
        new MessageCheck({ resolver: scriptedResolver(parseDnsScript({})), clock }),
      resolver: () => "up",
    },
    clock,
    newId: () => {
      id += 1;
      return String(id).padStart(16, "0");
    },
    log: (entry) => lines.push(formatEntry(entry)),
    onFault: ({ kind }) => faults.push(kind),
    tlsListeners: rememberTlsListeners(),
    addressGuard: { isTheirs: () => true },
    history: null,
    markKey: () => undefined,
    onFailure: "accept",
    onDnsDown: "accept",
    stageDeadlineMs: 8000,
    messageDeadlineMs: 60_000,
    tarpitPlaces: tarpitPlaces(20),
    workBudget: null,
    workLimits: WORK_LIMITS,
    ...change,
  };
  return { open: createOpen(() => settings), clock, lines, faults, settings };
}

/** A client, up to the answer to its first recipient. */
export async function rcpt(
  { open }: Pick<Rig, "open">,
  who: Client = client,
  user?: string,
): Promise<{
  readonly connection: Connection;
  readonly transaction: Transaction;
  readonly answer: Answer;
}> {
  const connection = open(who);
  await connection.greet();
  await connection.hello("mail.example.com");
  if (user !== undefined) connection.authenticated(user);
  const { answer, transaction } = await connection.mail(parseMailbox("<a@example.com>"), []);
  assert.equal(answer.kind, "continue");
  assert.ok(transaction);
  return { connection, transaction, answer: await transaction.rcpt(to) };
}
