import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { message } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { withPostern } from "./exim-rig.ts";
import { headerOf, openRig, type Rig } from "./rig.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const PORTS = { accept: 2840, defer: 2841, unix: 2842, ipv6: 2843 } as const;
type Name = keyof typeof PORTS;

/** The daemon killed, frozen and restarted under a real Exim; sessions; every way to its socket. */
const define = (): void => {
  let rig: Rig;
  const exims: Exim[] = [];
  const [honest] = table;
  assert.ok(honest);

  const socket = join(tmpdir(), `postern-exim-${process.pid}.sock`);
  const where: Readonly<Record<Name, Readonly<Record<string, string>>>> = {
    accept: { FAIL: "accept", SOCKET: "inet:127.0.0.1:8892" },
    defer: { FAIL: "defer", SOCKET: "inet:127.0.0.1:8892" },
    unix: { FAIL: "defer", SOCKET: socket },
    ipv6: { FAIL: "defer", SOCKET: "inet:[::1]:8892" },
  };

  before(async () => {
    rig = await openRig({
      listen: {
        milter: [],
        exim: [
          ...["inet:127.0.0.1:8892", "inet:[::1]:8892"],
          { address: `unix:${socket}`, mode: "0666" },
        ],
      },
    });
    for (const [name, at] of Object.entries(where) as [Name, (typeof where)[Name]][]) {
      const instance = { instanceDir: join(rig.folder, name), port: PORTS[name] };
      const macros = { ...at, TIMEOUT: "4s", DATA_TIMEOUT: "4s" };
      exims.push(
        await startExim(await withPostern({ ...instance, sinkPort: rig.sink.port, macros })),
      );
    }
  });
  after(async () => {
    for (const exim of exims) await exim.stop();
    await rig.close();
  });

  const talk = (name: Name, ...steps: Step[]) =>
    converse({
      host: "127.0.0.1",
      port: PORTS[name],
      localAddress: "192.0.2.1",
      steps: [{ kind: "banner" }, { kind: "ehlo", name: honest.helo }, ...steps],
    });
  /** Of a name of its own, so that what is delivered can be told apart. */
  let serial = 0;
  const mail = () => {
    serial += 1;
    const to = `b${serial}@example.org`;
    const steps: Step[] = [
      { kind: "mail", from: honest.from },
      { kind: "rcpt", to },
      { kind: "data", message },
    ];
    const delivered = async () =>
      (await rig.sink.waitFor(({ recipients }) => recipients.includes(to)))[0]?.bytes ??
      Buffer.alloc(0);
    return { to, steps, delivered };
  };
  const lineOf = async (to: string): Promise<string> => {
    const find = () =>
      rig
        .daemon()
        .lines()
        .find((line) => line.includes(` message `) && line.includes(`to=<${to}>`));
    await until(
      () => find() !== undefined,
      () => rig.daemon().lines().join("\n"),
    );
    return find() ?? "";
  };
  /** With the headers of a mail that was judged, or as it came. */
  const assertWhole = (bytes: Buffer, how: "judged" | "as it came"): void => {
    assert.ok(bytes.subarray(-message.length).equals(message));
    const judged = /^Authentication-Results: mx\.example\.org;[\s\S]*\r\nX-Postern: id=/;
    if (how === "judged") assert.match(headerOf(bytes), judged);
    else assert.match(headerOf(bytes), /^Received:/);
  };

  for (const name of ["unix", "ipv6", "defer"] as const) {
    test(`a daemon at ${where[name]["SOCKET"]?.replace(/\d+\.sock/, "*.sock")}`, async () => {
      await rig.prepare(honest);
      const { steps, delivered } = mail();
      const transcript = await talk(name, ...steps, { kind: "quit" });
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
      assertWhole(await delivered(), "judged");
    });
  }

  test("three messages of one session: the client is looked up once", async () => {
    await rig.prepare(honest);
    rig.dns.questions.length = 0;
    const mails = [mail(), mail(), mail()];
    const transcript = await talk(
      "defer",
      ...mails.flatMap(({ steps }) => steps),
      { kind: "rset" },
      { kind: "quit" },
    );
    assert.equal(replyTo(transcript, "(message", 3)?.code, 250, formatTranscript(transcript));
    for (const { delivered } of mails) assertWhole(await delivered(), "judged");
    const names = rig.dns.questions.filter(({ name }) => name === "1.2.0.192.in-addr.arpa");
    assert.equal(names.length, 1);
  });

  test("pipelined commands, EHLO twice, and a client that leaves in DATA", async () => {
    const { to, delivered } = mail();
    const transcript = await talk(
      "defer",
      { kind: "ehlo", name: "other.example.com" },
      { kind: "ehlo", name: honest.helo },
      {
        kind: "pipeline",
        steps: [
          { kind: "mail", from: honest.from },
          { kind: "rcpt", to },
          { kind: "data", message },
        ],
      },
      { kind: "mail", from: honest.from },
      { kind: "rcpt", to },
      { kind: "raw", bytes: "DATA\r\n" },
      { kind: "raw", bytes: "Subject: half\r\n", replies: 0 },
      { kind: "close" },
    );
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    assertWhole(await delivered(), "judged");
    assert.match(await lineOf(to), / helo=mail\.example\.com .*debt=0/);
  });

  for (const [name, code, how] of [
    ["accept", 250, "as it came"],
    ["defer", 451, null],
  ] as const) {
    test(`frozen in the middle of a session, POSTERN_FAIL ${name}`, async () => {
      const { to, steps, delivered } = mail();
      const frozen: Step = {
        kind: "meanwhile",
        action: async () => rig.daemon().kill("SIGSTOP"),
      };
      const transcript = await talk(name, frozen, ...steps, { kind: "quit" });
      rig.daemon().kill("SIGCONT");
      const told = transcript.find(({ sent }) => /^(MAIL|\(message)/.test(sent) && code === 451);
      const last = told ?? transcript.find(({ sent }) => sent.startsWith("(message"));
      assert.equal(last?.reply?.code, code, formatTranscript(transcript));
      if (how !== null) assertWhole(await delivered(), how);
      assert.ok(rig.sink.messages.every(({ recipients }) => how !== null || recipients[0] !== to));
      // Awake again, it judges again.
      const next = mail();
      const again = await talk(name, ...next.steps, { kind: "quit" });
      assert.equal(replyTo(again, "(message")?.code, 250, formatTranscript(again));
      assertWhole(await next.delivered(), "judged");
    });
  }

  for (const between of ["MAIL and RCPT", "RCPT and DATA", "two messages"] as const) {
    test(`killed and restarted between ${between}: the rest is judged as if nothing had been`, async () => {
      const { to, steps, delivered } = mail();
      const kill: Step = {
        kind: "meanwhile",
        action: async () => {
          rig.daemon().kill("SIGKILL");
          await rig.daemon().ended;
          await rig.restart();
        },
      };
      const at = { "MAIL and RCPT": 1, "RCPT and DATA": 2, "two messages": 0 }[between];
      const first = between === "two messages" ? mail().steps : [];
      const transcript = await talk(
        "defer",
        ...first,
        ...steps.slice(0, at),
        kill,
        ...steps.slice(at),
        { kind: "quit" },
      );
      const done = replyTo(transcript, "(message", first.length > 0 ? 2 : 1);
      assert.equal(done?.code, 250, formatTranscript(transcript));
      assertWhole(await delivered(), "judged");
      const expected =
        / exim message address=192\.0\.2\.1 rdns=mail\.example\.com helo=mail\.example\.com from=<a@example\.com> /;
      assert.match(await lineOf(to), expected);
    });
  }

  test("killed and not restarted: mail passes as it came, or is deferred", async () => {
    rig.daemon().kill("SIGKILL");
    await rig.daemon().ended;
    const open = mail();
    const passed = await talk("accept", ...open.steps, { kind: "quit" });
    assert.equal(replyTo(passed, "(message")?.code, 250, formatTranscript(passed));
    assertWhole(await open.delivered(), "as it came");
    const closed = await talk("defer", ...mail().steps);
    assert.equal(closed[0]?.reply?.code, 451, formatTranscript(closed));
    assert.ok(closed.at(-1)?.end, "and Exim hangs up");
  });
};

testInNamespace("the daemon under a real Exim", import.meta.filename, define, ["exim"]);
