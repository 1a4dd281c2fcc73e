import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { UsageError } from "../exit-code.ts";
import { NoStoreError } from "./command-store.ts";
import { learn } from "./learn.ts";
import { reputation } from "./reputation.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-reputation-"));
after(() => rmSync(folder, { recursive: true }));
const config: Config = {
  ...loadConfig({ cwd: folder, systemFile: null, hostname: "mx.example.org" }),
  state: { kind: "sqlite", path: join(folder, "state.db") },
};
const ID = "domain:example.com";

test("reputation: who is not known is neutral", async () =>
  assert.equal(
    await reputation("show", [ID], config),
    `${ID} is unknown: score 50, as for every unknown sender\n`,
  ));

for (const score of [5, 42, 72, 95]) {
  test(`reputation: set ${score}, and it is shown, with what it is made of`, async () => {
    const said = await reputation("set", [ID, String(score)], config);
    assert.match(said, new RegExp(`${ID} has score ${score}\\.0`));
    const shown = await reputation("show", [ID], config);
    assert.match(shown, new RegExp(`score ${score}\\.0, between`));
    assert.match(shown, score < 50 ? /-.* markedSpam: / : /\+.* markedHam: /);
    assert.match(shown, /counts until \d{4}-\d\d-\d\d/);
  });
}

test("reputation: list and forget", async () => {
  await reputation("set", ["address:192.0.2.1", "10"], config);
  await reputation("set", [ID, "90"], config);
  const listed = await reputation("list", [], config);
  assert.match(
    listed,
    /^score .*\n *10\.0 .*address:192\.0\.2\.1\n *90\.0 .*domain:example\.com\n$/,
  );
  assert.equal(await reputation("forget", [ID], config), `${ID} is forgotten\n`);
  assert.equal(await reputation("forget", [ID], config), `${ID} is unknown\n`);
  assert.doesNotMatch(await reputation("list", ["domain:"], config), /example\.com/);
});

for (const [name, words] of [
  ["no identity", ["show", "example.com"]],
  ["a score beyond 100", ["set", ID, "101"]],
  ["no score", ["set", ID]],
  ["another verb", ["praise", ID]],
] as const) {
  test(`reputation: ${name} is a mistake of usage`, async () => {
    const [action, ...rest] = words;
    await assert.rejects(reputation(action, rest, config), UsageError);
  });
}

for (const state of [{ kind: "none" }, { kind: "memory" }] as const) {
  test(`reputation: with state ${state.kind} there is nothing that a command could see`, async () =>
    assert.rejects(reputation("show", [ID], { ...config, state }), NoStoreError));
}

test("learn: a message that has not come through us is told apart", async () => {
  const report = await learn("spam", config, Readable.from([Buffer.from("Subject: x\n\nhello")]));
  assert.equal(report.outcome, "foreign");
});

test("learn: spam is held against who has proved to have sent it", async () => {
  const text =
    "Authentication-Results: mx.example.org;\n iprev=pass policy.iprev=192.0.2.9;\n spf=pass smtp.mailfrom=bad.example;\n dkim=none;\n dmarc=none\n" +
    "X-Postern: id=0123456789abcdef action=accept debt=0 credit=0 rules=-\n\nbuy\n";
  const report = await learn("spam", config, Readable.from([Buffer.from(text)]));
  assert.equal(
    report.text,
    "0123456789abcdef spam for spf:bad.example address:192.0.2.9 network:192.0.2.0/24\n",
  );
  assert.match(await reputation("show", ["spf:bad.example"], config), /markedSpam: 1\.0 times/);
});
