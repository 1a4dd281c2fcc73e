import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListFact, Policy } from "@postern/filter-core";
import { type Domain, parseDomain } from "@postern/smtp-filter";
import type { Settings } from "./settings.ts";
import type { GoodTo, Heard } from "./sources/heard.ts";
import { policy as plain, rcpt, reply, rig } from "./testing/conversation-rig.ts";

/** Of a shared pool, by its confirmed name. */
const name = parseDomain("mx1.pool.example") as Domain;
const each = { clean: 1, markedHam: 1, writtenTo: 1, refused: 1, misconfigured: 1 };
const weights = { ...each, unknownRecipient: 1, relayAttempt: 1, brokenSmtp: 1, markedSpam: 1 };
const policy: Policy = {
  ...plain,
  rules: { "lists.drop": { kind: "hard", debt: 0, reply: reply("550 5.7.1 listed") } },
  reputation: {
    halfLifeDays: 30,
    weights,
    dailyCaps: weights,
    sharedPools: [{ by: "domain", domain: parseDomain("pool.example") as Domain }],
  },
};

function vouching(label: string | null, settings: Partial<Settings> = {}) {
  const fact: ListFact = {
    zone: "list.test",
    operator: "tester",
    url: null,
    result: label === null ? { status: "none" } : { status: "found", value: [label] },
  };
  const votes: (Domain | undefined)[] = [];
  const heard: Heard<ListFact> = {
    facts: [fact],
    vouch: (goodTo: GoodTo) => votes.push(goodTo("tester")),
  };
  const base = rig({ policy, ...settings }, { status: "found", value: name });
  const sources = { ...base.settings.sources, lists: async () => heard };
  return { ...rig({ policy, sources, ...settings }, { status: "found", value: name }), votes };
}

test("a good client that a list has refused at RCPT bears witness against it", async () => {
  const it = vouching("drop");
  const { answer } = await rcpt(it);
  assert.equal(answer.kind, "refuse");
  assert.deepEqual(it.votes, ["pool.example"]);
});

test("a good client whose message comes to its end bears witness for the list", async () => {
  const it = vouching(null);
  const { transaction } = await rcpt(it);
  assert.deepEqual(it.votes, []);
  const message = transaction.message();
  message.header(Buffer.from("From"), Buffer.from(" a@example.com"));
  await message.end();
  assert.deepEqual(it.votes, ["pool.example"]);
});

test("a client whose address hides others bears no witness", async () => {
  const it = vouching("drop", { addressGuard: { isTheirs: () => false } });
  await rcpt(it);
  assert.deepEqual(it.votes, []);
});
