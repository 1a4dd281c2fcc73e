import { createHash } from "node:crypto";
import {
  type Facts,
  judge,
  type ListFact,
  type Policy,
  parseReplyTemplate,
  rules,
} from "@postern/filter-core";
import { type IpAddress, parseDomain } from "@postern/smtp-filter";
import { LOOKS } from "../controls.ts";
import { honestly, ip, type ListStage, listStage } from "./list-stage.ts";

/** 100 clients a second, and what an answer takes: several are under way at any moment. */
const EVERY_MS = 10;
export const DELAY_MS = 35;
export const HONEST = 2_000;

const reply = parseReplyTemplate("550 5.7.1 {ip} is listed at {zone}, see {url}");
if (typeof reply === "string") throw new RangeError(reply);
const hard = { kind: "hard", debt: 0, reply } as const;
const final = (debt: number) => ({ kind: "final", debt, reply }) as const;

/** As far as lists go, postmaster-2026. */
const policy: Policy = {
  name: "postmaster-2026",
  mode: "enforce",
  refuseAt: "rcpt",
  thresholds: { reject: 10, junk: 6, defer: 4 },
  caps: { lists: 10, operator: 8, credit: 8 },
  credits: { "lists.dnswl-med": 2, "lists.dnswl-hi": 4 },
  rules: {
    "lists.drop": hard,
    "lists.sbl": final(8),
    "lists.css": final(8),
    "lists.xbl": final(8),
    "lists.pbl": final(5),
    "lists.class2": final(2),
  },
  slowFactorMs: 0,
  scoreHeader: false,
  replyId: false,
  deny: [],
  allow: [],
  allowCancels: "debts",
  recipients: [],
};

function isRefused(address: IpAddress, lists: readonly ListFact[]): boolean {
  const facts: Facts = {
    version: 1,
    now: "2026-11-24T12:00:00.000Z",
    stage: "message",
    standing: "outside",
    site: { authservId: "mx.example.org", localDomains: [] },
    client: {
      address,
      port: null,
      localAddress: null,
      localPort: 25,
      daemonName: null,
      mta: { name: "postfix", version: null },
      tls: true,
    },
    helo: null,
    from: null,
    recipients: [],
    lists,
  };
  const { early, message } = judge(rules, facts, policy);
  return early?.action === "reject" || message?.action === "reject";
}

export interface Outcome {
  readonly refused: number;
  readonly believed: number;
  readonly alarmMs: number | null;
}

/** So many clients from a network, one after the other; the answers of all. */
export async function connect(
  stage: ListStage,
  network: number,
  count: number,
  addressOf: (network: number, i: number) => IpAddress = client,
  everyMs: number = EVERY_MS,
): Promise<Outcome> {
  const { source, resolver, clock, alarms } = stage;
  let alarmMs: number | null = null;
  const lookups: Promise<readonly [IpAddress, readonly ListFact[]]>[] = [];
  for (let i = 0; i < count; i += 1) {
    const address = addressOf(network, i);
    lookups.push(source.lookUp(resolver, address).then(({ facts }) => [address, facts] as const));
    await clock.advance(everyMs);
    if (alarms.length > 0) alarmMs ??= i * everyMs;
  }
  await clock.advance(10_000);
  const all = await Promise.all(lookups);
  return {
    refused: all.filter(([address, facts]) => isRefused(address, facts)).length,
    believed: all.filter(([, [fact]]) => fact?.result.status === "found").length,
    alarmMs,
  };
}

/** The same clients, known here to be good: each has had a message accepted, half an hour ago. */
export async function befriend(stage: ListStage, network: number, count: number): Promise<void> {
  const { source, resolver, clock } = stage;
  for (let i = 0; i < count; i += 1) {
    const lookup = source.lookUp(resolver, friend(network, i));
    await clock.advance(DELAY_MS);
    (await lookup).vouch(() => parseDomain(`friend-${network}-${i}.test`));
  }
  await clock.advance(30 * 60_000);
}

/** Each in a network of its own. */
export function friend(network: number, i: number): IpAddress {
  return ip(`${network}.${i >> 8}.${i & 255}.25`);
}

/** A list that passed its test, and has seen a day: of 300 clients 30 were listed. */
export async function warm(delayMs: number = DELAY_MS): Promise<ListStage> {
  const stage = listStage({ delayMs, pace: LOOKS });
  const entries = Array.from({ length: 30 }, (_, i) => [client(81, i * 10), "127.0.0.4"]);
  stage.world.behaviour = honestly(Object.fromEntries(entries));
  stage.source.start(stage.resolver);
  await stage.clock.advance(2 * delayMs);
  await connect(stage, 81, 300);
  return stage;
}

export function client(network: number, i: number): IpAddress {
  return ip(`${network}.2.${i >> 8}.${i & 255}`);
}

/** The same every time, and spread evenly. */
export function hash(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0);
}
