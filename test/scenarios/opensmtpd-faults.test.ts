import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, type TestContext, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { conversationOf, conversationWith, openSmtpdRig, type SmtpdRig } from "./opensmtpd-rig.ts";
import { DATE } from "./rows/base.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

/** What happens to the engine, and what the log says of it. */
const faults = [
  { name: "killed", signal: "SIGKILL", says: /the engine ended: exit SIGKILL/ },
  { name: "frozen", signal: "SIGSTOP", says: /the engine is gone \(no sign of life/ },
  { name: "out of memory", signal: "SIGUSR2", says: /JavaScript heap out of memory/ },
] as const;

/** Where a client is when it does: the number of its steps before. */
const phases = [
  { name: "before HELO", at: 1 },
  { name: "before MAIL", at: 2 },
  { name: "before RCPT", at: 3 },
  { name: "before DATA", at: 4 },
  { name: "in the middle of the message", at: 6 },
  { name: "at the end of the message, before the answer", at: 7 },
] as const;

const [honest] = table;
assert.ok(honest);
const { helo, from } = honest;
/** The record of this author never comes: who has sent such a message waits for the verdict. */
const SLOW = "_dmarc.slow.example";
const zone = { ...honest.dns, [SLOW]: "timeout" };
/** An engine that has fallen silent is replaced after 10 s or a little more. */
const REPLACED_MS = 40_000;
/** smtpd may look for new mail once in ten seconds. */
const DELIVERED_MS = 60_000;

const SILENT_PORT = 5_399;
/** Where nobody listens, a question ends at once; where somebody listens and is silent, at its deadline. */
const deadDns = [
  { name: "nobody listens", servers: ["127.0.0.1:5398"] },
  { name: "nobody answers", servers: [`127.0.0.1:${SILENT_PORT}`] },
] as const;
/** Of the shim, for each answer but the verdict on a message. */
const DEADLINE_MS = 9_500;

const define = (): void => {
  let rig: SmtpdRig;
  before(async () => {
    rig = await openSmtpdRig();
  });
  const silent = createSocket("udp4");
  before(async () => {
    silent.bind(SILENT_PORT, "127.0.0.1");
    await once(silent, "listening");
  });
  after(async () => {
    silent.close();
    await rig.close();
  });

  for (const { name, signal, says } of faults)
    test(`the engine is ${name}`, { concurrency: true }, async (context) => {
      await rig.prepare({ config: { ...honest.config, dns: { timeoutMs: 7_000 } }, dns: zone });
      rig.dns.questions.length = 0;
      const seen = rig.lines().length;
      const pid = await rig.enginePid();
      const strike = strikeOnce(phases.length, async () => {
        await until(() => rig.dns.questions.some((question) => question.name === SLOW));
        process.kill(pid, signal);
      });
      await Promise.all(phases.map((phase) => playPhase(context, phase, name, strike)));
      const fresh = (): readonly string[] => rig.lines().slice(seen);
      const explain = (): string => fresh().join("\n");
      await until(() => fresh().some((line) => says.test(line)), explain, REPLACED_MS);
      await until(
        () => fresh().some((line) => /mode enforce, from/.test(line)),
        explain,
        REPLACED_MS,
      );
      assert.notEqual(await rig.enginePid(), pid);
      await assertJudged();
    });

  /** One client at one phase: its mail goes on, byte for byte. */
  function playPhase(
    context: TestContext,
    { name, at }: (typeof phases)[number],
    fault: string,
    strike: () => Promise<void>,
  ): Promise<void> {
    return context.test(name, async () => {
      const id = `<${fault}-${name}@example.com>`.replaceAll(/[ ,]/g, "-");
      const author = at === 7 ? SLOW.replace("_dmarc.", "") : "example.com";
      const head = `Message-ID: ${id}\r\nFrom: a@${author}\r\nTo: b@example.org\r\n`;
      const tail = `Date: ${DATE}\r\n\r\n..rest | of it\r\n`;
      const steps: readonly Step[] = [
        { kind: "banner" },
        { kind: "ehlo", name: helo },
        { kind: "mail", from },
        { kind: "rcpt", to: "b@example.org" },
        { kind: "raw", bytes: "DATA\r\n" },
        { kind: "raw", bytes: head, replies: 0 },
        { kind: "raw", bytes: `${tail}.\r\n`, replies: 0 },
        // The reply to all of it.
        { kind: "banner" },
        { kind: "quit" },
      ];
      const transcript = await converse(
        conversationWith(
          "192.0.2.1",
          steps.toSpliced(at, 0, { kind: "meanwhile", action: strike }),
        ),
      );
      const said = formatTranscript(transcript);
      for (const { reply, sent } of transcript)
        assert.ok(reply === undefined ? /rest|Message-ID/.test(sent) : reply.code < 400, said);
      assert.equal(transcript.length, steps.length, said);
      const [delivered] = await rig.sink.waitFor(({ bytes }) => bytes.includes(id), DELIVERED_MS);
      const text = delivered?.bytes.toString("latin1") ?? "";
      assert.ok(text.endsWith(`${head}${tail.replace("..rest", ".rest")}`), text);
    });
  }

  async function assertJudged(): Promise<void> {
    const seen = rig.lines().length;
    await rig.sendHonestly();
    await until(() =>
      rig
        .lines()
        .slice(seen)
        .some((line) => /opensmtpd message .*action=accept/.test(line)),
    );
  }

  for (const { name, servers } of deadDns)
    for (const onDnsDown of ["accept", "tempfail"] as const)
      test(`DNS is dead (${name}), onDnsDown: ${onDnsDown}`, async () => {
        const config = { ...honest.config, onDnsDown, dns: { servers, timeoutMs: 500 } };
        await rig.prepare({ ...honest, config });
        const already = rig.sink.messages.length;
        const transcript = await converse(conversationOf(honest));
        const said = formatTranscript(transcript);
        for (const { tookMs } of transcript) assert.ok(tookMs < DEADLINE_MS, said);
        const refusal = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400)?.reply;
        if (refusal === undefined) await rig.sink.waitFor(already + 1, DELIVERED_MS);
        else assert.equal(refusal.code, 451, said);
      });

  test("the same smtpd still serves, and says nothing against the filter", () => {
    assert.deepEqual(rig.complaints(), []);
  });
};

testInNamespace("faults of the engine on a real OpenSMTPD", import.meta.filename, define, [
  "opensmtpd",
]);

/** Does it once when `count` have come, or some time after the first did; all of them wait for it. */
function strikeOnce(count: number, action: () => Promise<void>): () => Promise<void> {
  let arrived = 0;
  let done: Promise<void> | undefined;
  return () => {
    arrived += 1;
    done ??= until(
      () => arrived === count,
      () => `${arrived} of ${count} have come`,
    ).then(action);
    return done;
  };
}
