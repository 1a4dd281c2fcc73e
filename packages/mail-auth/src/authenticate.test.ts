import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import { parseIpAddress, parseReversePath } from "@postern/smtp-filter";
import { authenticate } from "./authenticate.ts";
import { signMessage, testKey } from "./testing/mail/sign.ts";

const key = testKey("ed25519");
const client = parseIpAddress("192.0.2.7");
assert.ok(client);
const plain = "From: Alice <alice@example.com>\r\nSubject: Lunch\r\n\r\nAt noon?\r\n";
const signed = signMessage(plain, { domain: "example.com", selector: "s1", key });
const records = {
  "example.com": { TXT: ["v=spf1 ip4:192.0.2.7 -all"] },
  "mail.example.com": { TXT: ["v=spf1 a -all"], A: ["192.0.2.7"] },
  "s1._domainkey.example.com": { TXT: [key.record] },
  "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
};

async function results(
  message: string,
  dns: Readonly<Record<string, unknown>>,
): Promise<readonly unknown[]> {
  const resolver = scriptedResolver(parseDnsScript(dns));
  const envelope = {
    client: client ?? assert.fail(),
    helo: "mail.example.com",
    from: parseReversePath("<alice@example.com>"),
  };
  const found = await authenticate(Buffer.from(message, "latin1"), envelope, { resolver });
  const { spf, dkim, dmarc, arc } = found;
  return [
    spf.mailfrom.result,
    spf.helo.result,
    dkim.map(({ result }) => result),
    dmarc?.result,
    arc.result,
  ];
}

test("authenticate: all that an honest message has passes", async () => {
  assert.deepEqual(await results(signed, records), ["pass", "pass", ["pass"], "pass", "none"]);
});

test("authenticate: a changed body breaks DKIM alone", async () => {
  const changed = signed.replace("noon", "nine");
  assert.deepEqual(await results(changed, records), ["pass", "pass", ["fail"], "pass", "none"]);
});

test("authenticate: a DNS that does not answer is evidence of nothing", async () => {
  const silent = Object.fromEntries(Object.keys(records).map((name) => [name, "timeout"]));
  const unknown = ["temperror", "temperror", ["temperror"], "temperror", "none"];
  assert.deepEqual(await results(signed, silent), unknown);
});

test("authenticate: a message without a header has no author", async () => {
  assert.deepEqual(await results("\r\nbody", records), ["pass", "pass", [], "permerror", "none"]);
});
