import assert from "node:assert/strict";
import { test } from "node:test";

import { eximCopy, line, MESSAGE, spamd } from "./testing/requests.ts";
import { scriptedServer } from "./testing/scripted-server.ts";

const ACCEPT = 'v=1 a=accept m="" z=1\n';
const MAIL = { helo: "mail.x.test", from: "a@x.test" };
const RCPT = { ...MAIL, rcpt: "b@y.test" };

test("serveExim: one SMTP session asks the port once for each thing", async () => {
  await using filter = await scriptedServer();
  assert.equal(await filter.ask(line("connect")), ACCEPT);
  assert.equal(await filter.ask(line("helo", { helo: "mail.x.test" })), ACCEPT);
  assert.equal(await filter.ask(line("mail", MAIL)), ACCEPT);
  assert.equal(await filter.ask(line("rcpt", RCPT)), ACCEPT);
  const answer = await filter.ask(spamd(MAIL, eximCopy(MESSAGE)));
  assert.equal(
    answer,
    'SPAMD/1.1 0 EX_OK\r\nContent-length: 59\r\n\r\n0.0/1.0\r\npostern: v=1 a=accept d="" h="" m="" z=1\r\n'.replace(
      "59",
      String('0.0/1.0\r\npostern: v=1 a=accept d="" h="" m="" z=1\r\n'.length),
    ),
  );
  assert.equal(await filter.ask(line("quit")), ACCEPT);
  assert.deepEqual(filter.calls, [
    "open 192.0.2.7",
    "greet",
    "hello mail.x.test",
    "mail a@x.test",
    "rcpt b@y.test",
    "message",
    "header Subject: x",
    "header From: a@x.test",
    "body Hello\r\n",
    "end",
    "ended queued",
    "close quit",
  ]);
  assert.deepEqual(filter.events, []);
});
