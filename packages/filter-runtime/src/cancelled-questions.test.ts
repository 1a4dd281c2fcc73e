import assert from "node:assert/strict";
import { test } from "node:test";
import { type Asker, type DnsAnswer, fault, type Resolver } from "@postern/dns";
import { parseMailbox } from "@postern/smtp-filter";
import { settle } from "@postern/smtp-filter/testing";
import { UNHEARD } from "./sources/heard.ts";
import { openSources } from "./sources/open-sources.ts";
import { client, type Rig, rig } from "./testing/conversation-rig.ts";

/** A conversation over a resolver that answers nothing until the asker goes. */
function silentWorld() {
  /** `TXT name`, while somebody waits for it. */
  const asked = new Set<string>();
  const askers: Asker[] = [];
  const resolverFor = (asker: Asker): Resolver => {
    askers.push(asker);
    return {
      ask: (name, type) =>
        new Promise<DnsAnswer<never>>((resolve) => {
          if (asker.signal?.aborted) return resolve(fault("cancelled"));
          asked.add(`${type} ${name}`);
          asker.signal?.addEventListener("abort", () => {
            asked.delete(`${type} ${name}`);
            resolve(fault("cancelled"));
          });
        }),
    };
  };
  const base = rig();
  const sources = openSources({
    resolver: resolverFor({}),
    resolverFor,
    scores: { lookUp: async () => UNHEARD, start() {}, close() {} },
    clock: base.clock,
    state: () => "up",
  });
  return { ...rig({ sources, clock: base.clock }), clock: base.clock, asked, askers };
}

/** A client, up to MAIL: nothing is waited for before RCPT. */
async function mail({ open }: Pick<Rig, "open">) {
  const connection = open(client);
  await connection.greet();
  await connection.hello("mail.example.com");
  const { transaction } = await connection.mail(parseMailbox("<a@example.com>"), []);
  assert.ok(transaction);
  await settle();
  return { connection, transaction };
}

const PTR = "PTR 7.2.0.192.in-addr.arpa";
const HELO = ["A mail.example.com", "AAAA mail.example.com", "TXT mail.example.com"];
const mailOf = (domain: string) => [`MX ${domain}`, `TXT ${domain}`];

test("a new MAIL drops the questions of the one before, and none about the connection", async () => {
  const world = silentWorld();
  const { connection } = await mail(world);
  assert.deepEqual([...world.asked].sort(), [...HELO, ...mailOf("example.com"), PTR].sort());
  await connection.mail(parseMailbox("<a@example.net>"), []);
  await settle();
  assert.deepEqual([...world.asked].sort(), [...HELO, ...mailOf("example.net"), PTR].sort());
});

test("a transaction that ends drops its questions", async () => {
  const world = silentWorld();
  const { transaction } = await mail(world);
  transaction.ended("aborted");
  assert.deepEqual([...world.asked].sort(), ["A mail.example.com", "AAAA mail.example.com", PTR]);
});

test("a client that goes drops all its questions, those of its message too", async () => {
  const world = silentWorld();
  const { connection, transaction } = await mail(world);
  const message = transaction.message();
  message.header(Buffer.from("From"), Buffer.from(" a@bank.example"));
  const ended = message.end();
  await settle();
  assert.notEqual(world.asked.size, 0);
  connection.close("lost");
  assert.equal(world.asked.size, 0);
  await ended;
  assert.equal(world.asked.size, 0);
  assert.deepEqual(world.lines, [], "nobody was told anything");
  assert.equal(world.clock.pending(), 0);
});

test("questions are on the account of the client's network", async () => {
  const world = silentWorld();
  await mail(world);
  assert.deepEqual([...new Set(world.askers.slice(1).map(({ network }) => network))], ["192.0.2"]);
});
