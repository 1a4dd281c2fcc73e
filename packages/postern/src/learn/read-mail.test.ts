import assert from "node:assert/strict";
import { test } from "node:test";
import { identitiesOf, parseDomain } from "@postern/filter-core";
import { loadConfig } from "../config/load.ts";
import { tryCase } from "../try/try-case.ts";
import { readJudgedMail } from "./read-mail.ts";

const config = {
  ...(await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" })),
  forwarders: [],
};
const NOW = "2026-11-24T12:00:00Z";

const honest = {
  client: { ip: "192.0.2.1" },
  helo: "mail.example.com",
  from: "a@example.com",
  rcpt: ["b@example.org"],
  message: `From: a@example.com\nDate: ${new Date().toUTCString()}\nMessage-ID: <1@example.com>\n\nhello\n`,
  dns: {
    "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
    "mail.example.com": { A: ["192.0.2.1"] },
    "example.com": { TXT: ["v=spf1 ip4:192.0.2.1 -all"], A: ["192.0.2.1"] },
    "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
  },
};

/** The header of the message as it is delivered. */
async function delivered(lineEnd = "\n"): Promise<string> {
  const { headers } = await tryCase(honest, config);
  const added = headers.add.map(({ name, value }) => `${name}: ${value}`);
  return [...added, "Subject: hello"].join("\n").replaceAll("\n", lineEnd);
}

for (const lineEnd of ["\n", "\r\n"]) {
  test(`readJudgedMail: who proved to have sent it is read from our own fields, ${JSON.stringify(lineEnd)}`, async () => {
    const mail = readJudgedMail(await delivered(lineEnd), config, NOW) ?? assert.fail();
    assert.deepEqual(
      identitiesOf(mail.facts, []).map(({ key }) => key),
      ["domain:example.com", "spf:example.com", "address:192.0.2.1", "network:192.0.2.0/24"],
    );
    assert.equal(mail.id, "0000000000000000");
  });
}

test("readJudgedMail: behind fields of a mail server that delivered it", async () => {
  const header = `Return-Path: <a@example.com>\nX-Original-To: b@example.org\n${await delivered()}`;
  assert.ok(readJudgedMail(header, config, NOW));
});

for (const [name, change] of [
  ["no X-Postern", (header: string) => header.replace(/^X-Postern:.*\n/m, "")],
  ["no results of ours", (header: string) => header.replace("mx.example.org;", "mx.example.net;")],
  ["an id that is none", (header: string) => header.replace("id=0000", "id=zzzz")],
] as const) {
  test(`readJudgedMail: ${name}: it has not come through us`, async () =>
    assert.equal(readJudgedMail(change(await delivered()), config, NOW), undefined));
}

test("readJudgedMail: what a forwarder handed on says nothing of its address", async () => {
  const network = { text: "192.0.2.1", bytes: [192, 0, 2, 1], prefixLength: 32 };
  const header = await delivered();
  const mail = readJudgedMail(
    header,
    { ...config, forwarders: [{ kind: "client", network }] },
    NOW,
  );
  const keys = identitiesOf(mail?.facts ?? assert.fail(), []).map(({ key }) => key);
  assert.deepEqual(keys, ["domain:example.com"]);
});

test("readJudgedMail: the domain is a name of ours to parse, not to believe", () => {
  assert.equal(parseDomain("exa mple.com"), undefined);
  const header =
    "Authentication-Results: mx.example.org; dkim=pass header.d=exa/mple..com; dmarc=pass header.from=-\nX-Postern: id=0123456789abcdef action=accept";
  const mail = readJudgedMail(header, config, NOW);
  assert.deepEqual(identitiesOf(mail?.facts ?? assert.fail(), []), []);
});
