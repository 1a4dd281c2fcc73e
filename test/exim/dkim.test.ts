import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { parseDnsScript, scriptedResolver } from "@postern/dns";
import { serveExim } from "@postern/exim-adapter";
import type { DkimFact } from "@postern/filter-core";
import { MessageCheck } from "@postern/mail-auth";
import {
  type Canonicalization,
  NO_SPF,
  NOW_S,
  signMessage,
  testKey,
} from "@postern/mail-auth/testing";
import type { Message, Open } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";

const KEY = testKey("rsa-2048");
const DNS = { "s._domainkey.x.test": { TXT: [KEY.record] } };
const ID = "1tABCD-000001-2x";

/** A message as the client sent it, with CRLF; what canonicalization could lose is in it. */
const MESSAGE = [
  "Received: from inner.x.test by mx.x.test;",
  "\tTue, 24 Nov 2026 11:00:00 +0000",
  "From:  A  <a@x.test>",
  "To: b@y.test",
  "Subject: 8-bit \xe4 and",
  " a  fold \t",
  "X-Envelope-To: forged@y.test",
  "",
  "From the first line on  ",
  "",
  "8-bit \xfc\xff, a tab\t, a NUL \0.",
  ".a dot",
  "",
  "",
].join("\r\n");

/** Exim's copy: its own lines, its own Received line, LF line ends (spool_mbox.c of 4.96). */
function eximCopy(message: string): string {
  return [
    "From MAILER-DAEMON Tue Nov 24 12:00:00 2026\n",
    "X-Envelope-From: <a@x.test>\nX-Envelope-To: b@y.test\n",
    `Received: from mx.x.test ([192.0.2.7])\n\tby y.test with esmtp (Exim 4.96)\n\tid ${ID}\n\tfor b@y.test;\n`,
    "\tTue, 24 Nov 2026 12:00:00 +0000\n",
    message.replaceAll("\r\n", "\n"),
  ].join("");
}

/** A port that checks signatures, and nothing else. */
function checkingPort(found: DkimFact[][]): Open {
  const message = (): Message => {
    const resolver = scriptedResolver(parseDnsScript(DNS));
    const check = new MessageCheck({
      resolver,
      clock: { ...fakeClock(), wallMs: () => NOW_S * 1000 },
    });
    return {
      begun: async () => {},
      header: (name, value) => check.header(name, value),
      body: (chunk) => (check.body(chunk) === "enough" ? "enough" : undefined),
      async end() {
        found.push([...(await check.end(NO_SPF)).dkim]);
        return { kind: "continue" };
      },
    };
  };
  const proceed = async () => ({ kind: "continue" }) as const;
  return () => ({
    greet: proceed,
    hello: proceed,
    secured() {},
    misspoke() {},
    authenticated() {},
    mail: async () => ({
      answer: { kind: "continue" },
      transaction: { rcpt: proceed, outcome() {}, message, ended() {} },
    }),
    close() {},
  });
}

async function verify(request: string): Promise<readonly DkimFact[]> {
  const found: DkimFact[][] = [];
  await using server = await serveExim({
    listener: { kind: "inet", host: "127.0.0.1", port: 0 },
    open: checkingPort(found),
  });
  const socket = connect(server.port ?? 0, "127.0.0.1");
  socket.end(request, "latin1");
  const said: Buffer[] = [];
  for await (const chunk of socket) said.push(chunk);
  assert.match(Buffer.concat(said).toString("latin1"), /EX_OK/);
  assert.equal(found.length, 1);
  return found[0] ?? [];
}

const value = (text: string) => Buffer.from(text).toString("base64url");

function spamd(copy: string): string {
  const user = `ip=${value("192.0.2.7")} from=${value("a@x.test")} id=${value(ID)}`;
  return `REPORT SPAMC/1.2\r\nUser: ${user}\r\nContent-length: ${copy.length}\r\n\r\n${copy}`;
}

function rspamd(copy: string): string {
  const head = `Content-length: ${copy.length}\r\nQueue-Id: ${ID}\r\nFrom: <a@x.test>\r\nRecipient-Number: 1\r\nRcpt: <b@y.test>\r\nIP: 192.0.2.7`;
  return `CHECK RSPAMC/1.3\r\n${head}\r\n\r\n${copy}`;
}

const signed = (canonicalization: Canonicalization, headers: readonly string[]) =>
  signMessage(MESSAGE, {
    ...{ domain: "x.test", selector: "s", key: KEY, canonicalization, headers },
  });

/** The last names a field that is not there: one that is added would break the signature (RFC 6376 section 5.4). */
const HEADERS = ["From", "To", "Subject", "X-Envelope-To", "Received", "Received", "Cc"];

for (const [dialect, encode] of [
  ["SpamAssassin", spamd],
  ["Rspamd", rspamd],
] as const) {
  for (const canonicalization of ["simple/simple", "relaxed/relaxed"] as const) {
    test(`DKIM ${canonicalization} verifies from Exim's copy, in the dialect of ${dialect}`, async () => {
      const [fact, ...more] = await verify(encode(eximCopy(signed(canonicalization, HEADERS))));
      assert.equal(fact?.result, "pass", fact?.reason ?? "no signature");
      assert.equal(more.length, 0);
    });
  }

  test(`DKIM: a changed byte is seen, in the dialect of ${dialect}`, async () => {
    const message = signed("simple/simple", HEADERS);
    for (const [from, to] of [
      ["first line on  ", "first line on "],
      ["Subject: 8", "Subject:  8"],
      ["X-Envelope-To: forged", "X-Envelope-To: other"],
    ] as const) {
      const changed = message.replace(from, to);
      assert.notEqual(changed, message);
      const [fact] = await verify(encode(eximCopy(changed)));
      assert.equal(fact?.result, "fail", `${from} as ${to}`);
    }
  });
}
