import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Notqmail, startNotqmail } from "../mta/notqmail.ts";
import { converse, formatTranscript, replyTo, type Transcript } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { openRig, type Rig } from "./rig.ts";
import { table } from "./table.ts";

const PORT = 2926;
const SOCKET = "inet:127.0.0.1:8892";
const LATER = "our filter has a problem, please try again later";

const FORGED = `X-Postern: forged
X-Spam: no
X-Spam-Flag: NO
Authentication-Results: mx.example.org; dkim=pass header.d=example.com
Authentication-Results: relay.example; dkim=pass header.d=example.com
`;

/** How the codes of qmail-queue reach the client, and what the client then reads of a fault. */
const modes = [
  {
    name: "exit 82",
    environment: { POSTERN_EXIT82: "1", STANDIN_FD6: "1" },
    line: `451 4.3.0 ${LATER}`,
  },
  { name: "exit 71", environment: {}, line: "451 the queue said 71 (#4.3.0)" },
] as const;

const define = (): void => {
  let rig: Rig;
  let notqmail: Notqmail;
  const [honest] = table;
  assert.ok(honest);

  before(async () => {
    rig = await openRig({ listen: { exim: SOCKET } });
    notqmail = await startNotqmail({
      instanceDir: join(rig.folder, "notqmail"),
      ports: [PORT],
      sinkPort: rig.sink.port,
    });
    await rig.prepare(honest);
  });
  after(async () => {
    await notqmail.stop();
    await rig.close();
  });

  const set = (environment: Readonly<Record<string, string>> = {}): Promise<void> =>
    notqmail.setEnvironment({ POSTERN_SOCKET: SOCKET, POSTERN_TIMEOUT: "2", ...environment });
  beforeEach(() => set());

  const ehlo: Step = { kind: "ehlo", name: honest.helo };
  const envelope: readonly Step[] = [
    { kind: "mail", from: honest.from },
    { kind: "rcpt", to: "b@example.org" },
  ];
  const mail: readonly Step[] = [...envelope, { kind: "data", message: honest.message }];
  const talk = (...steps: readonly Step[]): Promise<Transcript> =>
    converse({ host: "127.0.0.1", port: PORT, localAddress: "192.0.2.1", steps });
  const lineTo = (transcript: Transcript, sent: string): string | undefined =>
    replyTo(transcript, sent)?.lines[0];

  /** What the client saw accepted has arrived, whole and once, and nothing else has. */
  const assertDelivered = async (transcript: Transcript, already: number): Promise<void> => {
    const isAccepted = replyTo(transcript, "(message")?.code === 250;
    if (isAccepted) await rig.sink.waitFor(already + 1);
    const fresh = rig.sink.messages.slice(already);
    assert.equal(fresh.length, isAccepted ? 1 : 0, formatTranscript(transcript));
    for (const { bytes, mailFrom, recipients } of fresh) {
      assert.ok(bytes.toString().endsWith(honest.message.replaceAll("\n", "\r\n")));
      assert.deepEqual([mailFrom, recipients], [honest.from, ["b@example.org"]]);
    }
  };

  const meanwhile = (action: () => unknown): Step => ({
    kind: "meanwhile",
    action: async () => void (await action()),
  });
  const kill = async (): Promise<void> => {
    rig.daemon().kill("SIGKILL");
    await rig.daemon().ended;
  };
  const freeze = (): void => rig.daemon().kill("SIGSTOP");
  /** As it was before. */
  const mend = async (fault: () => unknown): Promise<void> => {
    if (fault === kill) await rig.restart();
    else rig.daemon().kill("SIGCONT");
  };

  for (const [what, fault] of [
    ["killed", kill],
    ["frozen", freeze],
  ] as const) {
    test(`daemon ${what}, POSTERN_FAIL=accept: the mail goes on, without what it forged`, async () => {
      await set({ POSTERN_FAIL: "accept", POSTERN_AUTHSERV_ID: "mx.example.org" });
      const already = rig.sink.messages.length;
      await fault();
      const message = `${FORGED}${honest.message}`;
      const transcript = await talk({ kind: "banner" }, ehlo, ...envelope, {
        kind: "data",
        message,
      });
      await mend(fault);
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
      await assertDelivered(transcript, already);
      const delivered = String(rig.sink.messages.at(-1)?.bytes);
      assert.doesNotMatch(delivered, /^X-Postern|^X-Spam|mx\.example\.org; dkim=pass/im);
      assert.match(delivered, /^Authentication-Results: relay\.example;/m);
    });

    test(`daemon ${what}, POSTERN_FAIL=defer: the client reads 451 when it connects`, async () => {
      await set({ POSTERN_FAIL: "defer" });
      await fault();
      const transcript = await talk({ kind: "banner" });
      await mend(fault);
      assert.equal(lineTo(transcript, ""), `451 4.3.0 ${LATER}`, formatTranscript(transcript));
    });

    for (const { name, environment, line } of modes) {
      test(`daemon ${what} between front and queue, defer, ${name}: 451, nothing is queued`, async () => {
        await set({ POSTERN_FAIL: "defer", ...environment });
        const already = rig.sink.messages.length;
        const transcript = await talk({ kind: "banner" }, ehlo, meanwhile(fault), ...mail);
        await mend(fault);
        assert.equal(lineTo(transcript, "(message"), line, formatTranscript(transcript));
        await assertDelivered(transcript, already);
      });
    }
  }

  test("daemon restarted between front and queue: the mail is judged as if nothing had been", async () => {
    await set({ POSTERN_FAIL: "defer" });
    const already = rig.sink.messages.length;
    const transcript = await talk(
      { kind: "banner" },
      ehlo,
      meanwhile(() => rig.restart()),
      ...mail,
    );
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    await assertDelivered(transcript, already);
    assert.match(String(rig.sink.messages.at(-1)?.bytes), /^X-Postern: .*debt=0/m);
    assert.match(rig.daemon().lines().join("\n"), /notqmail message .*helo=mail\.example\.com/);
  });

  for (const { name, environment, line } of modes) {
    for (const [code, said] of [
      ["31", "554 the queue said 31 (#5.3.0)"],
      ["53", "451 the queue said 53 (#4.3.0)"],
      ["81", "451 the queue said 81 (#4.3.0)"],
      ["KILL", "451 the queue crashed (#4.3.0)"],
    ] as const) {
      test(`qmail-queue ends with ${code}, ${name}: the client reads what it would without us`, async () => {
        await set({ ...environment, STANDIN_EXIT: code });
        const already = rig.sink.messages.length;
        const transcript = await talk({ kind: "banner" }, ehlo, ...mail);
        assert.equal(lineTo(transcript, "(message"), said, formatTranscript(transcript));
        await assertDelivered(transcript, already);
      });
    }

    test(`the socket of another program, defer, ${name}: 451`, async () => {
      // The sink speaks SMTP, not our protocol.
      const other = { POSTERN_SOCKET: `inet:127.0.0.1:${rig.sink.port}` };
      await set({ ...environment, ...other, POSTERN_FAIL: "defer", STANDIN_FRONT: "" });
      const already = rig.sink.messages.length;
      const transcript = await talk({ kind: "banner" }, ehlo, ...mail);
      assert.equal(lineTo(transcript, "(message"), line, formatTranscript(transcript));
      await assertDelivered(transcript, already);
    });
  }

  test("a client that leaves in DATA leaves nothing, and harms nobody", async () => {
    const already = rig.sink.messages.length;
    for (const how of ["reset", "end"] as const)
      await talk(
        { kind: "banner" },
        ehlo,
        ...envelope,
        { kind: "raw", bytes: "DATA\r\n" },
        { kind: "raw", bytes: "Subject: half\r\n\r\nhalf\r\n", replies: 0 },
        { kind: "close", how },
      );
    const transcript = await talk({ kind: "banner" }, ehlo, ...mail);
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    await assertDelivered(transcript, already);
    await notqmail.waitForLog(/^postern-queue: pid \d+: 192\.0\.2\.1: the envelope ends too soon$/);
  });

  test("25 MB with every byte but CR and LF go through byte for byte", async () => {
    const already = rig.sink.messages.length;
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);
    const line = Buffer.from([...bytes.filter((byte) => byte !== 10 && byte !== 13), 13, 10]);
    const body = Buffer.concat(Array.from({ length: 100_000 }, () => line));
    const header = Buffer.from(honest.message.replaceAll("\n", "\r\n"));
    const message = Buffer.concat([header, body]);
    const transcript = await talk({ kind: "banner" }, ehlo, ...envelope, { kind: "data", message });
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    const delivered = (await rig.sink.waitFor(already + 1)).at(-1);
    assert.ok(delivered?.bytes.subarray(-message.length).equals(message));
    assert.match(delivered?.bytes.toString("latin1", 0, 2000) ?? "", /^X-Postern: .*debt=0/m);
  });

  test("ten clients at a time: each is judged and delivered", async () => {
    const already = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
    const all = await Promise.all(
      Array.from({ length: 10 }, () => talk({ kind: "banner" }, ehlo, ...mail)),
    );
    for (const transcript of all)
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    await rig.sink.waitFor(already.messages + 10);
    const judged = rig.daemon().lines().slice(already.lines);
    assert.equal(judged.filter((line) => /notqmail message .*=accept/.test(line)).length, 10);
  });

  test("an address and a HELO with odd bytes are told as they are, and delivered", async () => {
    const transcript = await talk(
      { kind: "banner" },
      { kind: "raw", bytes: Buffer.from("EHLO a\xff(b)\x01\r\n", "latin1") },
      { kind: "raw", bytes: Buffer.from('MAIL FROM:<"x\\" y\xe9"@example.com>\r\n', "latin1") },
      ...envelope.slice(1),
      { kind: "data", message: honest.message },
    );
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    assert.match(
      rig.daemon().lines().at(-1) ?? "",
      /helo=a\?\?b\?\? from=<x\\x22\\x20y\\xe9@example\.com> to=<b@example\.org> action=accept/,
    );
  });

  test("nothing was said against the hooks", () => {
    const odd = notqmail.log().filter((line) => /uninitialized|at .* line \d+/.test(line));
    assert.deepEqual(odd, []);
  });
};

testInNamespace("faults on tcpserver with stand-ins for qmail", import.meta.filename, define, [
  "ucspi-tcp",
]);
