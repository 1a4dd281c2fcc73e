import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../config/load.ts";
import { explain } from "./explain.ts";
import { remembered } from "./remembered.ts";
import { resultJson } from "./result-json.ts";
import { tryCase } from "./try-case.ts";

const config = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });

test("remembered: without a word there is no store", () =>
  assert.deepEqual(remembered(null, null), {}));

test("remembered: an address is the /64 it lies in", () =>
  assert.deepEqual(remembered({ "address:2001:db8::1": 15 }, null), {
    reputation: { "address:2001:db8::/64": 15 },
  }));

test("remembered: complaints are about identities, too", () => {
  const told = { inbox: 40, spam: 2 };
  assert.deepEqual(remembered(null, null, { "author:A@example.com": told }), {
    reputation: {},
    complaints: { "author:a@example.com": told },
  });
  assert.throws(() => remembered(null, null, { "x@example.com": told }), {
    message: /^complaints: "x@example\.com" names nobody/,
  });
});

test("remembered: a key that names nobody is refused", () =>
  assert.throws(() => remembered({ "from:a@example.com": 1 }, null), {
    name: "SyntaxError",
    message: /"from:a@example\.com" names nobody: a key begins with author:, domain:, dkim:/,
  }));

const listed = { client: { ip: "192.0.2.1" }, dns: {} };

test("try: a fault seen first is told softly, and for good later or without a store", async () => {
  const reply = async (more: object) => (await tryCase({ ...listed, ...more }, config)).verdict;
  assert.equal((await reply({ seen: "first" })).action, "tempfail");
  assert.match((await reply({ seen: "first" })).reply ?? "", /^451 4\.7\.25 you must have rDNS/);
  assert.equal((await reply({ seen: "retry" })).action, "reject");
  assert.equal((await reply({})).action, "reject");
  assert.equal((await reply({ reputation: {} })).action, "reject");
});

test("try: a score is shown, counts, and is said to have counted", async () => {
  const input = { ...listed, reputation: { "address:192.0.2.1": 25 } };
  const result = await tryCase(input, config);
  assert.equal(result.verdict.debt, 12.5);
  const facts = resultJson("1", result)["facts"] as Record<string, unknown>;
  assert.deepEqual(facts["reputation"], { "address:192.0.2.1": 25 });
  const text = explain(result, config);
  assert.match(text, /reputation of address:192\.0\.2\.1: 25 of 100/);
  assert.match(text, /debt 12\.5 \(with 25 % for a bad reputation\)/);
});

test("try: what an accepted message owes to its sender's name is said", async () => {
  const owing = { ...listed, reputation: { "address:192.0.2.1": 96 } };
  const text = explain(await tryCase(owing, config), config);
  assert.match(text, /without the learned reputation of its sender it would be refused/);
});
