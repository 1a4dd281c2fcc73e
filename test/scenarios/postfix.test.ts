import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Postfix, startPostfix } from "../mta/postfix.ts";
import type { serveZone } from "../mta/scripted-dns.ts";
import { converse, type Exchange, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { assertTold } from "./assert-told.ts";
import { longReply } from "./long-reply.ts";
import { markAsSpam } from "./mark-as-spam.ts";
import { assertOutgoingTeaches } from "./outgoing-teaches.ts";
import { overBudget } from "./over-budget.ts";
import { policyCases } from "./policy-cases.ts";
import { openRig, type Rig } from "./rig.ts";
import { mail } from "./rows/base.ts";
import type { Scenario } from "./scenario.ts";
import { healthyList, honestClients, listConfig, sickLists } from "./sick-lists.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const PORT = 2525;
const SUBMISSION_PORT = 2587;
const MILTER = "inet:127.0.0.1:8891";

/** Everything real: Postfix, the daemon as user nobody, the DNS on port 53, clients with claimed addresses. */
testInNamespace("scenarios on a real Postfix", import.meta.filename, () => {
  let rig: Rig;
  let postfix: Postfix;

  before(async () => {
    rig = await openRig({ listen: { milter: MILTER } });
    postfix = await startPostfix({
      instanceDir: join(rig.folder, "postfix"),
      port: PORT,
      sinkPort: rig.sink.port,
      submissionPort: SUBMISSION_PORT,
      ipv6: true,
      dns: "hosts",
      milters: MILTER,
      milterDefaultAction: "accept",
      milterTimeouts: { commandSeconds: 6, contentSeconds: 3 },
    });
  });

  after(async () => {
    await postfix.stop();
    await rig.close();
  });

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.postfix !== "real") continue;
    test(`postfix: ${scenario.id}`, async () => {
      await rig.prepare(scenario);
      const before = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
      const transcript = await converse(conversationOf(scenario));
      const shown = shownAt(transcript, scenario);
      const code = scenario.expect.reply?.slice(0, 3) ?? "250";
      assert.equal(String(shown?.code), code, formatTranscript(transcript));
      await assertTold(
        { sink: rig.sink, lines: () => rig.daemon().lines() },
        scenario,
        transcript,
        before,
        {
          front: "postfix",
          mta: "postfix",
          words: (reply) => reply.replace(/^\d{3} (?:\d\.\d+\.\d+ )?/, ""),
        },
      );
    });
  }

  test("postfix: what a user sends teaches whom he knows", () =>
    assertOutgoingTeaches({
      prepare: rig.prepare,
      play: (scenario) => converse(conversationOf(scenario)),
      lines: () => rig.daemon().lines(),
    }));

  test("postfix: a good record makes up for a missing PTR, until users have marked 50 as spam", async () => {
    const row = table.find(({ id }) => id === "store-good-record-no-ptr") ?? assert.fail();
    await rig.prepare(row);
    const already = rig.sink.messages.length;
    const good = await converse(conversationOf(row));
    assert.equal(replyTo(good, "(message")?.code, 250, formatTranscript(good));
    await rig.sink.waitFor(already + 1);
    const delivered = rig.sink.messages.at(-1)?.bytes ?? assert.fail();
    await markAsSpam(delivered, 50, join(rig.folder, "postern.yaml"));
    const bad = await converse(conversationOf(row));
    assert.equal(replyTo(bad, "RCPT")?.code, 550, formatTranscript(bad));
    assert.match(rig.daemon().lines().at(-1) ?? "", /action=reject rule=rdns\.none debt=1[45]/);
  });

  for (const { name, input, config, allowed } of policyCases) {
    test(`postfix: case ${name} of the policy`, async () => {
      await rig.prepare({ config: { authservId: "mx.example.org", ...config }, dns: input.dns });
      const seen = rig.daemon().lines().length;
      const { client, helo, from, rcpt, message = "" } = input;
      const user = client.auth === undefined ? {} : { user: client.auth };
      const spoken = { client: { ip: client.ip, ...user }, helo, from, rcpt, message };
      const transcript = await converse(conversationOf(spoken));
      const said = formatTranscript(transcript);
      const lineOf = () =>
        rig
          .daemon()
          .lines()
          .slice(seen)
          .find((line) => / action=\w+ /.test(line));
      await until(() => lineOf() !== undefined);
      const [, action = ""] = / action=(\w+) /.exec(lineOf() ?? "") ?? [];
      assert.ok(allowed.includes(action), `${action}, not ${allowed.join(" or ")}\n${said}`);
      const codes = transcript.map(({ reply }) => reply?.code ?? 0);
      const expected = action === "reject" ? 5 : action === "tempfail" ? 4 : 2;
      const told = codes.find((code) => code >= 400) ?? 250;
      assert.equal(Math.floor(told / 100), expected, said);
    });
  }

  const mailOf = (ip: string) => {
    const name = `mail${Number(ip.split(".").at(-1)) - 1}.example.com`;
    return conversationOf({
      client: { ip },
      helo: name,
      from: "a@example.com",
      rcpt: ["b@example.org"],
      message: mail(),
    });
  };

  test("lists: a healthy one is believed", async () => {
    const [bad = "", good = ""] = honestClients;
    await rig.prepare({ config: listConfig, dns: healthyList(bad) });
    const seen = rig.daemon().lines().length;
    for (const ip of [bad, good]) await converse(mailOf(ip));
    const lines = rig
      .daemon()
      .lines()
      .slice(seen)
      .filter((line) => / message /.test(line));
    assert.match(lines[0] ?? "", /action=junk .*debt=8/);
    assert.match(lines[1] ?? "", /action=accept .*debt=0/);
  });

  test("lists: one that lists every client is used for all of them: what it lists does not switch it off", async () => {
    await rig.prepare({ config: listConfig, dns: healthyList(...honestClients) });
    const seen = rig.daemon().lines().length;
    await Promise.all(honestClients.map((ip) => converse(mailOf(ip))));
    const lines = rig.daemon().lines().slice(seen);
    assert.equal(
      lines.filter((line) => / message .*action=junk .*debt=8/.test(line)).length,
      honestClients.length,
      lines.join("\n"),
    );
    assert.deepEqual(
      lines.filter((line) => /^postern: list /.test(line)),
      [],
    );
  });

  for (const [name, zone] of Object.entries(sickLists)) {
    test(`lists: ${name}: nobody honest is refused`, async () => {
      const seen = rig.daemon().lines().length;
      await rig.prepare({ config: listConfig, dns: zone });
      for (const ip of honestClients) {
        const transcript = await converse(mailOf(ip));
        assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
      }
      const lines = rig.daemon().lines().slice(seen);
      const alarms = lines.filter((line) => /list zen\.spamhaus\.org is disabled/.test(line));
      assert.equal(alarms.length, 1, lines.join("\n"));
      assert.equal(
        lines.filter((line) => / action=accept rule=- debt=0 /.test(line)).length,
        honestClients.length,
      );
    });
  }

  test("lists: one that goes bad under way refuses nobody", async () => {
    await rig.prepare({ config: listConfig, dns: healthyList() });
    const [first = "", ...others] = honestClients;
    await converse(mailOf(first));
    rig.dns.setZone(
      sickLists["it ended, and lists the whole world"] as Parameters<typeof serveZone>[0],
    );
    const seen = rig.daemon().lines().length;
    for (const ip of others) await converse(mailOf(ip));
    const lines = rig.daemon().lines().slice(seen);
    assert.equal(
      lines.filter((line) => / action=accept rule=- debt=0 /.test(line)).length,
      others.length,
      lines.join("\n"),
    );
    assert.equal(lines.filter((line) => /is disabled/.test(line)).length, 1, lines.join("\n"));
  });

  const honest = table[0];
  assert.ok(honest);
  const mailTo = (to: string, text = honest.message): Step[] => [
    { kind: "mail", from: honest.from },
    { kind: "rcpt", to },
    { kind: "data", message: text },
  ];
  const talk = (...steps: Step[]) =>
    converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [{ kind: "banner" }, ...steps],
    });
  const ehlo: Step = { kind: "ehlo", name: honest.helo };

  test("two messages in one session: each is judged and delivered", async () => {
    await rig.prepare(honest);
    const already = rig.sink.messages.length;
    const transcript = await talk(ehlo, ...mailTo("b@example.org"), ...mailTo("c@example.org"), {
      kind: "quit",
    });
    assert.equal(replyTo(transcript, "(message", 2)?.code, 250, formatTranscript(transcript));
    await rig.sink.waitFor(already + 2);
  });

  test("EHLO twice, the last one counts", async () => {
    const seen = rig.daemon().lines().length;
    await talk({ kind: "ehlo", name: "localhost" }, ehlo, ...mailTo("b@example.org"), {
      kind: "quit",
    });
    await until(() =>
      rig
        .daemon()
        .lines()
        .slice(seen)
        .some((line) => /helo=mail\.example\.com .*debt=0/.test(line)),
    );
  });

  test("pipelined commands", async () => {
    const transcript = await talk(ehlo, {
      kind: "pipeline",
      steps: [
        { kind: "mail", from: honest.from },
        { kind: "rcpt", to: "b@example.org" },
        { kind: "data", message: honest.message },
      ],
    });
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
  });

  test("a client that leaves in DATA harms nobody", async () => {
    await talk(
      ehlo,
      { kind: "mail", from: honest.from },
      { kind: "rcpt", to: "b@example.org" },
      { kind: "raw", bytes: "DATA\r\n" },
      { kind: "raw", bytes: "Subject: half\r\n", replies: 0 },
      { kind: "close" },
    );
    const transcript = await talk(ehlo, ...mailTo("b@example.org"));
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
  });

  test("25 MB go through byte for byte", async () => {
    const body = `${"x".repeat(898)}\n`.repeat(29_000);
    const transcript = await talk(ehlo, ...mailTo("b@example.org", `${honest.message}${body}`));
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    // Messages of the tests before may still be on their way: wait for the large one.
    const isLarge = ({ bytes }: { readonly bytes: Buffer }): boolean =>
      bytes.length > 26_000_000 && bytes.at(-3) === "x".charCodeAt(0);
    const [delivered] = await rig.sink.waitFor(isLarge, 30_000);
    const sent = Buffer.from(body.replaceAll("\n", "\r\n"));
    assert.ok(delivered?.bytes.subarray(-sent.length).equals(sent));
  });

  test("a bad score waits: slowFactor 1000 and score 60 hold each answer for at least 400 ms", async () => {
    await rig.prepare({
      config: {
        scores: [{ zone: "score.senderscore.com" }],
        policy: { extends: "postmaster-2026", slowFactor: 1000 },
      },
      dns: { ...honest.dns, "1.2.0.192.score.senderscore.com": { A: ["127.0.4.60"] } },
    });
    const transcript = await talk(ehlo, ...mailTo("b@example.org"));
    for (const command of ["MAIL", "RCPT"])
      assert.ok(exchange(transcript, command).tookMs >= 400, formatTranscript(transcript));
  });

  test("frozen daemon, milter_default_action accept: mail goes on without us", async () => {
    await rig.prepare(honest);
    rig.daemon().kill("SIGSTOP");
    try {
      const transcript = await talk(ehlo, ...mailTo("b@example.org"));
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    } finally {
      rig.daemon().kill("SIGCONT");
    }
  });

  test("frozen daemon, milter_default_action tempfail: MAIL is answered 451", async () => {
    await using other = await startPostfix({
      instanceDir: join(rig.folder, "frozen"),
      port: 2627,
      sinkPort: rig.sink.port,
      dns: "hosts",
      milters: MILTER,
      milterDefaultAction: "tempfail",
      milterTimeouts: { commandSeconds: 2 },
    });
    assert.ok(other.pid > 0);
    rig.daemon().kill("SIGSTOP");
    try {
      const transcript = await converse({
        host: "127.0.0.1",
        port: 2627,
        localAddress: "192.0.2.1",
        steps: [
          { kind: "banner" },
          ehlo,
          { kind: "mail", from: "a@example.com" },
          { kind: "quit" },
        ],
      });
      assert.equal(replyTo(transcript, "MAIL")?.code, 451, formatTranscript(transcript));
    } finally {
      rig.daemon().kill("SIGCONT");
    }
  });

  test("a broken configuration keeps the old one", async () => {
    await writeFile(join(rig.folder, "postern.yaml"), "mode: enfroce\n");
    const seen = rig.daemon().lines().length;
    rig.daemon().kill("SIGHUP");
    await until(() =>
      rig
        .daemon()
        .lines()
        .slice(seen)
        .some((line) => /old configuration stays: .*enfroce/.test(line)),
    );
    const transcript = await talk(ehlo, ...mailTo("b@example.org"));
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
  });

  for (const [action, code] of [
    ["accept", 250],
    ["tempfail", 451],
  ] as const) {
    test(`no daemon, milter_default_action ${action}: MAIL is answered ${code}`, async () => {
      await using other = await startPostfix({
        instanceDir: join(rig.folder, `down-${action}`),
        port: 2626,
        sinkPort: rig.sink.port,
        dns: "hosts",
        milters: "inet:127.0.0.1:8899",
        milterDefaultAction: action,
      });
      assert.ok(other.pid > 0);
      const transcript = await converse({
        host: "127.0.0.1",
        port: 2626,
        localAddress: "192.0.2.1",
        steps: [
          { kind: "banner" },
          ehlo,
          { kind: "mail", from: "a@example.com" },
          { kind: "quit" },
        ],
      });
      assert.equal(replyTo(transcript, "MAIL")?.code, code, formatTranscript(transcript));
    });
  }

  test("SIGTERM drains and ends with 0", async () => {
    const stopped = await rig.daemon().stop();
    assert.equal(stopped, 0, rig.daemon().lines().join("\n"));
  });
});

function conversationOf({
  client,
  helo,
  from,
  rcpt,
  message,
}: Pick<Scenario, "client" | "helo" | "from" | "rcpt" | "message">): Parameters<
  typeof converse
>[0] {
  const isLogin = client.user !== undefined;
  const login: Step[] = isLogin
    ? [
        { kind: "ehlo", name: "localhost" },
        {
          kind: "xclient",
          attributes: { NAME: "[UNAVAILABLE]", ADDR: client.ip, LOGIN: client.user },
        },
      ]
    : [];
  const isV6 = client.ip.includes(":");
  return {
    host: isV6 ? "::1" : "127.0.0.1",
    port: client.listener === "submission" ? SUBMISSION_PORT : PORT,
    ...(isLogin ? {} : { localAddress: client.ip }),
    steps: [
      { kind: "banner" },
      ...login,
      { kind: "ehlo", name: helo },
      { kind: "mail", from, ...(/[^ -~]/.test(from) ? { parameters: "SMTPUTF8" } : {}) },
      ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
      { kind: "data", message },
      { kind: "quit" },
    ],
  };
}

/** The reply in which the client reads the verdict. */
function shownAt(transcript: readonly Exchange[], { expect, client }: Scenario): Exchange["reply"] {
  switch (expect.shownAt) {
    case "EHLO":
      return replyTo(transcript, "EHLO", client.user === undefined ? 1 : 2);
    case "MAIL":
    case "RCPT":
      return replyTo(transcript, expect.shownAt);
    default:
      return replyTo(transcript, "(message");
  }
}

function exchange(transcript: readonly Exchange[], command: string): Exchange {
  const found = transcript.find(({ sent }) => sent.startsWith(command));
  assert.ok(found, formatTranscript(transcript));
  return found;
}
