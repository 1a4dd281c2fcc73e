import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, refusal } from "@postern/smtp-filter";
import { CLIENT, eximCopy, line, MESSAGE, rawSpamd, spamd, words } from "./testing/requests.ts";
import { scriptedServer, until } from "./testing/scripted-server.ts";

const ACCEPT = 'v=1 a=accept m="" z=1\n';
const MAIL = { helo: "mx.x.test", from: "a@x.test" };
const RCPT = { ...MAIL, rcpt: "b@y.test" };
const AT_HELO = ["open 192.0.2.7", "greet", "hello mx.x.test"];
const AT_RCPT = [...AT_HELO, "mail a@x.test", "rcpt b@y.test"];

const refuse = (code: number, text: string): Answer => ({
  kind: "refuse",
  reply: refusal(code, null, text),
});

test("a session that is not known is rebuilt from one line, in silence", async () => {
  await using filter = await scriptedServer();
  const security = { tls: "TLS_AES_256", auth: "carol" };
  assert.equal(await filter.ask(line("rcpt", { ...RCPT, ...security })), ACCEPT);
  assert.deepEqual(filter.calls, [
    ...["open 192.0.2.7", "authenticated carol", "greet", "secured TLS_AES_256"],
    ...["hello mx.x.test", "mail a@x.test", "rcpt b@y.test"],
  ]);
  const { sessions, rebuilt, resumed } = filter.server.sessions();
  assert.deepEqual([sessions, rebuilt, resumed], [1, 1, 0]);
  await filter.ask(line("rcpt", { ...RCPT, ...security, rcpt: "c@y.test" }));
  assert.deepEqual(filter.calls.slice(7), ["rcpt c@y.test"]);
  assert.equal(filter.server.sessions().resumed, 1);
});

test("the client is described as the line says; the key is the one to resume by", async () => {
  const clients: unknown[] = [];
  await using filter = await scriptedServer({ open: (client) => clients.push(client) });
  await filter.ask(line("connect"));
  await filter.ask("POSTERN1 connect mta=bm90cW1haWw\n");
  assert.deepEqual(clients, [
    {
      ...{ address: "192.0.2.7", port: 41000, origin: "network", daemonName: null },
      ...{ localAddress: "198.51.100.1", localPort: 25, mta: { name: "exim", version: "4.96" } },
    },
    {
      ...{ address: null, port: null, origin: "local", daemonName: null, localAddress: null },
      ...{ localPort: null, mta: { name: "notqmail", version: null } },
    },
  ]);
});

test("encryption and login are told once, when they appear", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("helo", { helo: "mx.x.test" }));
  await filter.ask(line("helo", { helo: "mx.x.test", tls: "TLS" }));
  await filter.ask(line("mail", { ...MAIL, tls: "TLS", auth: "carol" }));
  await filter.ask(line("rcpt", { ...RCPT, tls: "TLS", auth: "carol" }));
  assert.deepEqual(filter.calls.slice(2), [
    ...["hello mx.x.test", "secured TLS", "hello mx.x.test", "authenticated carol"],
    ...["mail a@x.test", "rcpt b@y.test"],
  ]);
});

test("a new HELO is told, and ends the transaction", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("rcpt", RCPT));
  await filter.ask(line("rcpt", { ...RCPT, helo: "other.x.test" }));
  assert.deepEqual(filter.calls.slice(AT_RCPT.length), [
    ...["ended aborted", "hello other.x.test", "mail a@x.test", "rcpt b@y.test"],
  ]);
});

test("MAIL begins a transaction; so does RCPT with another sender", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("mail", MAIL));
  await filter.ask(line("mail", MAIL));
  await filter.ask(line("rcpt", { ...RCPT, from: "" }));
  assert.deepEqual(filter.calls.slice(AT_HELO.length), [
    ...[
      "mail a@x.test",
      "ended aborted",
      "mail a@x.test",
      "ended aborted",
      "mail <>",
      "rcpt b@y.test",
    ],
  ]);
});

for (const { name, script, stage, answer, after } of [
  {
    name: "of CONNECT at RCPT, 421 as 451",
    script: { greet: async () => refuse(421, "no rDNS") },
    stage: "rcpt",
    answer: 'v=1 a=reply m="451 no rDNS" z=1\n',
    after: ["open 192.0.2.7", "greet"],
  },
  {
    name: "of CONNECT at HELO, as it is",
    script: { greet: async () => refuse(421, "no rDNS") },
    stage: "helo",
    answer: 'v=1 a=close m="421 no rDNS" z=1\n',
    after: ["open 192.0.2.7", "greet"],
  },
  {
    name: "of HELO at MAIL",
    script: { hello: async () => refuse(550, "liar") },
    stage: "mail",
    answer: 'v=1 a=reply m="550 liar" z=1\n',
    after: AT_HELO,
  },
  {
    name: "of MAIL at RCPT",
    script: { mail: async () => refuse(421, "later") },
    stage: "rcpt",
    answer: 'v=1 a=reply m="451 later" z=1\n',
    after: [...AT_HELO, "mail a@x.test"],
  },
]) {
  test(`a refusal that comes of rebuilding is told: ${name}, and asked for once`, async () => {
    await using filter = await scriptedServer(script);
    assert.equal(await filter.ask(line(stage, RCPT)), answer);
    assert.equal(await filter.ask(line(stage, RCPT)).then((told) => told === answer), true);
    assert.deepEqual(filter.calls.slice(0, after.length), after);
    if (stage === "rcpt") assert.equal(filter.calls.length, after.length);
  });
}

test("a refused HELO stands for nothing once there is another", async () => {
  let answer = refuse(550, "liar");
  await using filter = await scriptedServer({ hello: async () => answer });
  assert.match(await filter.ask(line("mail", MAIL)), /550 liar/);
  answer = { kind: "continue" };
  assert.equal(await filter.ask(line("helo", { helo: "true.x.test" })), ACCEPT);
  assert.equal(await filter.ask(line("mail", { ...MAIL, helo: "true.x.test" })), ACCEPT);
});

test("the end: recipients that Exim refused itself are told, however it writes the others", async () => {
  await using filter = await scriptedServer();
  for (const rcpt of ['"b b"@y.test', "c@y.test", "d@y.test"])
    await filter.ask(line("rcpt", { ...RCPT, rcpt }));
  await filter.ask(spamd(MAIL, eximCopy(MESSAGE, { to: ['"B\\ b"@Y.test', "d@y.test"] })));
  const { calls } = filter;
  assert.deepEqual(calls.slice(calls.indexOf("rcpt d@y.test") + 1, calls.indexOf("message") + 1), [
    "outcome c@y.test refused",
    "message",
  ]);
  assert.equal(calls.at(-1), "ended queued");
});

test("the end: recipients that the port does not know are asked about", async () => {
  await using filter = await scriptedServer({
    rcpt: async (to) => (to === "bad@y.test" ? refuse(550, "no") : { kind: "continue" }),
  });
  const to = ["bad@y.test", '"b, c@d"@y.test', "bad@y.test"];
  assert.match(await filter.ask(spamd(MAIL, eximCopy(MESSAGE, { to }))), /a=accept/);
  assert.deepEqual(filter.calls.slice(4, 7), [
    "rcpt bad@y.test",
    'rcpt "b, c@d"@y.test',
    "message",
  ]);
});

test("the end: where no recipient is let in, its refusal is the answer, and all was read", async () => {
  await using filter = await scriptedServer({ rcpt: async () => refuse(421, "later") });
  const body = "x\n".repeat(300_000);
  const answer = await filter.ask(spamd(MAIL, eximCopy(`A: 1\n\n${body}`)));
  assert.match(
    answer,
    /\r\n\r\n1\.0\/1\.0\r\npostern: v=1 a=reply d="" h="" m="451 later" z=1\r\n$/,
  );
  assert.deepEqual(filter.calls.slice(-2), ["rcpt b@y.test", "ended refused"]);
});

test("the end without a session: nothing is remembered", async () => {
  await using filter = await scriptedServer();
  const { session: _, ...client } = CLIENT;
  const user = words({ ...client, ...MAIL });
  assert.match(await filter.ask(rawSpamd(user, eximCopy(MESSAGE))), /a=accept/);
  assert.deepEqual(filter.calls.slice(0, AT_RCPT.length), AT_RCPT);
  assert.equal(filter.calls.at(-1), "close quit");
  assert.equal(filter.server.sessions().sessions, 0);
});

test("the end: notqmail names recipients and sends the message itself", async () => {
  await using filter = await scriptedServer();
  const values = { ...MAIL, mta: "notqmail/1.09", rcpts: "b@y.test\nc@y.test" };
  await filter.ask(line("connect", { mta: "notqmail/1.09" }));
  const message =
    "Received: from x (192.0.2.7)\n  by y with SMTP\nFrom here: x\nSubject: x\n\nHi\n";
  assert.match(await filter.ask(spamd(values, message)), /a=accept/);
  assert.deepEqual(filter.calls, [
    ...AT_HELO,
    ...["mail a@x.test", "rcpt b@y.test", "rcpt c@y.test", "message", "header Subject: x"],
    ...["body Hi\r\n", "end", "ended queued"],
  ]);
});

test("the end: Exim's own Received line is not shown, a sender's is", async () => {
  await using filter = await scriptedServer();
  const received = (id: string) => `Received: from x\n\tby y with esmtp id ${id};\n\tTue, 24 Nov\n`;
  const message = `${received("1tABCD-000001-2x")}${received("1tOTHER-000001-2x")}A: 1\n\nHi\n`;
  await filter.ask(spamd({ ...MAIL, id: "1tABCD-000001-2x" }, eximCopy(message)));
  const shown = filter.calls.filter((call) => call.startsWith("header "));
  assert.equal(shown.length, 2);
  assert.match(shown[0] ?? "", /1tOTHER/);
});

test("a message that the port does not want to see is read and accepted", async () => {
  await using filter = await scriptedServer({ mail: async () => "unseen" });
  assert.equal(await filter.ask(line("rcpt", RCPT)), ACCEPT);
  assert.match(await filter.ask(spamd(MAIL, eximCopy(MESSAGE))), /a=accept/);
  assert.deepEqual(filter.calls, [...AT_HELO, "mail a@x.test"]);
});

test("two messages in one session", async () => {
  await using filter = await scriptedServer();
  for (const from of ["a@x.test", "a@x.test"]) {
    await filter.ask(line("rcpt", { ...RCPT, from }));
    await filter.ask(spamd(MAIL, eximCopy(MESSAGE)));
  }
  assert.equal(filter.calls.filter((call) => call === "greet").length, 1);
  assert.equal(filter.calls.filter((call) => call === "mail a@x.test").length, 2);
  assert.equal(filter.calls.filter((call) => call === "ended queued").length, 2);
});

test("the innocent fields of a name come back, below ours", async () => {
  await using filter = await scriptedServer({
    end: async () => ({
      kind: "deliver",
      edits: [
        { kind: "remove", name: "X-A", ordinal: 2 },
        { kind: "insert", name: "X-A", value: "ours" },
      ],
    }),
  });
  const answer = await filter.ask(
    spamd(MAIL, eximCopy("X-A: 1\nx-a: forged\nX-A:\xff\n 3\n\nHi\n")),
  );
  assert.match(answer, / d="X-A" /);
  const header = Buffer.from(/ h="([^"]*)"/.exec(answer)?.[1] ?? "", "base64").toString("latin1");
  assert.equal(header, "X-A: ours\nX-A: 1\nX-A:\xff\n 3\n");
  assert.deepEqual(filter.events, []);
});

test("innocent fields without room are lost, told and counted", async () => {
  await using filter = await scriptedServer({
    end: async () => ({ kind: "deliver", edits: [{ kind: "remove", name: "X-A", ordinal: 1 }] }),
  });
  const message = `X-A: forged\n${`X-A: ${"y".repeat(3000)}\n`.repeat(4)}\nHi\n`;
  const answer = await filter.ask(spamd(MAIL, eximCopy(message)));
  assert.match(answer, / d="X-A" h="" /);
  assert.deepEqual(
    filter.events.map((event) => [event.kind, "fields" in event ? event.fields : 0]),
    [["fields-lost", 4]],
  );
  const lost = filter.events.flatMap((event) =>
    event.kind === "fields-lost" ? [event.fields] : [],
  );
  assert.equal(
    lost.reduce((sum, fields) => sum + fields, 0),
    4,
  );
});

test("requests of one session are handled in their order", async () => {
  const gate = Promise.withResolvers<void>();
  await using filter = await scriptedServer({
    greet: async () => {
      await gate.promise;
      return { kind: "continue" };
    },
  });
  const first = filter.ask(line("connect"));
  await until(() => filter.calls.includes("greet"));
  const second = filter.ask(line("helo", { helo: "mx.x.test" }));
  const other = await filter.ask(line("quit", { session: "other" }));
  assert.equal(other, ACCEPT);
  assert.deepEqual(filter.calls, ["open 192.0.2.7", "greet"]);
  gate.resolve();
  assert.deepEqual([await first, await second], [ACCEPT, ACCEPT]);
  assert.deepEqual(filter.calls, AT_HELO);
});

test("quit closes the session; the same key used again is another one", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("rcpt", RCPT));
  await filter.ask(line("quit"));
  assert.deepEqual(filter.calls.slice(AT_RCPT.length), ["ended aborted", "close quit"]);
  assert.equal(filter.server.sessions().sessions, 0);
  assert.equal(await filter.ask(line("quit")), ACCEPT);
  filter.calls.length = 0;
  await filter.ask(line("connect"));
  await filter.ask(line("connect"));
  assert.deepEqual(filter.calls, [...AT_HELO.slice(0, 2), "close quit", ...AT_HELO.slice(0, 2)]);
});

test("too many sessions: the one that is idle the longest is closed", async () => {
  await using filter = await scriptedServer({}, { maxSessions: 2 });
  const ask = (session: string, stage = "connect") =>
    filter.ask(line(stage, { session, ip: session }));
  await ask("192.0.2.1");
  await ask("192.0.2.2");
  await ask("192.0.2.1", "helo");
  await ask("192.0.2.3");
  assert.deepEqual(filter.calls.slice(-3), ["close lost", "open 192.0.2.3", "greet"]);
  const before = filter.calls.length;
  await ask("192.0.2.1", "helo");
  assert.deepEqual(filter.calls.slice(before), ["hello "]);
  const { sessions, evicted } = filter.server.sessions();
  assert.deepEqual([sessions, evicted], [2, 1]);
});

test("a session that nothing is heard of for ten minutes is closed", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("connect"));
  filter.clock.advanceNow(300_000);
  await filter.ask(line("connect", { session: "other" }));
  filter.clock.advanceNow(360_000);
  assert.equal(filter.calls.at(-1), "close lost");
  const { sessions, expired } = filter.server.sessions();
  assert.deepEqual([sessions, expired], [1, 1]);
  filter.clock.advanceNow(300_000);
  assert.equal(filter.server.sessions().sessions, 0);
  await until(() => filter.server.open === 0);
  assert.equal(filter.clock.pending(), 0);
});

test("drain closes what is remembered", async () => {
  await using filter = await scriptedServer();
  await filter.ask(line("rcpt", RCPT));
  await filter.server.drain(0);
  assert.deepEqual(filter.calls.slice(-2), ["ended aborted", "close aborted"]);
});
