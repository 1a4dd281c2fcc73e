import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import type { serveZone } from "../mta/scripted-dns.ts";
import { type Sendmail, startSendmail } from "../mta/sendmail.ts";
import { converse, formatTranscript, replyTo, type Transcript } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { openRig, PATIENT, type Rig } from "./rig.ts";
import { milterComplaints } from "./sendmail-log.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const MILTER = "inet:127.0.0.1:8891";
type Zone = Parameters<typeof serveZone>[0];

const EXAMPLE = new URL("../../examples/sendmail/postern.mc", import.meta.url);
/** One Sendmail with the lines of our example, which asks clients to come back; one that goes on without us. */
const SENDMAILS = [
  { port: 2525, lines: readFileSync(EXAMPLE, "utf8").trimEnd().split("\n"), afterDeath: 451 },
  {
    port: 2526,
    lines: ["INPUT_MAIL_FILTER(`postern', `S=inet:8891@127.0.0.1, T=C:2s;S:2s;R:3s;E:20s')dnl"],
    afterDeath: 250,
  },
] as const;

/** The daemon itself, on a real Sendmail: killed, frozen, restarted, and slow because its DNS is silent. */
const define = (): void => {
  let rig: Rig;
  let sendmails: readonly Sendmail[];
  const [honest] = table;
  assert.ok(honest);

  before(async () => {
    rig = await openRig({ listen: { milter: MILTER } });
    sendmails = await Promise.all(
      SENDMAILS.map(({ port, lines }) =>
        startSendmail({
          instanceDir: join(rig.folder, `sendmail-${port}`),
          port,
          sinkPort: rig.sink.port,
          dns: "hosts",
          settings: lines,
        }),
      ),
    );
    await rig.prepare(honest);
  });
  after(async () => {
    await Promise.all(sendmails.map((sendmail) => sendmail.stop()));
    await rig.close();
  });

  const talk = (port: number, ...steps: readonly Step[]): Promise<Transcript> =>
    converse({
      host: "127.0.0.1",
      port,
      localAddress: "192.0.2.1",
      steps: [{ kind: "banner" }, { kind: "ehlo", name: honest.helo }, ...steps, { kind: "quit" }],
    });
  const from: Step = { kind: "mail", from: honest.from };
  const to: Step = { kind: "rcpt", to: "b@example.org" };
  const data: Step = { kind: "data", message: honest.message };
  const kill: Step = {
    kind: "meanwhile",
    action: async () => {
      rig.daemon().kill("SIGKILL");
      await rig.daemon().ended;
    },
  };

  for (const { port, afterDeath } of SENDMAILS) {
    const name = afterDeath === 250 ? "no flag" : "F=T";
    for (const [when, steps, answered] of [
      ["before MAIL", [kill, from, to, data], "MAIL"],
      ["before RCPT", [from, kill, to, data], "RCPT"],
      ["before DATA", [from, to, kill, data], "(message"],
    ] as const) {
      test(`${name}: the daemon is killed ${when}`, async () => {
        const already = rig.sink.messages.length;
        const transcript = await talk(port, ...steps);
        await rig.restart();
        const said = formatTranscript(transcript);
        const told = afterDeath === 250 ? replyTo(transcript, "(message") : refusalOf(transcript);
        assert.equal(told?.code, afterDeath, `${answered}\n${said}`);
        if (afterDeath === 250) await rig.sink.waitFor(already + 1);
        else assert.equal(rig.sink.messages.length, already);
      });
    }

    test(`${name}: the daemon was restarted between two sessions: judged again`, async () => {
      const seen = rig.daemon().lines().length;
      const transcript = await talk(port, from, to, data);
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
      const isJudged = (line: string): boolean => /sendmail message .*action=accept/.test(line);
      await until(() => rig.daemon().lines().slice(seen).some(isJudged));
    });
  }

  test("a DNS that never answers: we answer before Sendmail's ten seconds are over", async () => {
    const seen = sendmails.map((sendmail) => sendmail.log().length);
    rig.dns.setZone({ ...(honest.dns as Zone), "1.2.0.192.in-addr.arpa": "timeout" });
    await rig.configure({ ...honest.config, dns: { timeoutMs: 8_000 }, limits: PATIENT });
    const already = rig.daemon().lines().length;
    rig.daemon().kill("SIGHUP");
    await until(() =>
      rig
        .daemon()
        .lines()
        .slice(already)
        .some((line) => /again$/.test(line)),
    );
    const transcript = await talk(2525, from, to);
    const said = formatTranscript(transcript);
    // What is not known in time is not held against him.
    assert.equal(replyTo(transcript, "RCPT")?.code, 250, said);
    const fresh = sendmails.flatMap((sendmail, at) => sendmail.log().slice(seen[at] ?? 0));
    assert.deepEqual(milterComplaints(fresh), []);
  });

  test("the daemon is frozen: F=T answers 451, without a flag the mail goes on", async () => {
    await rig.prepare(honest);
    rig.daemon().kill("SIGSTOP");
    try {
      for (const { port, afterDeath } of SENDMAILS) {
        const transcript = await talk(port, from, to, data);
        const told = afterDeath === 250 ? replyTo(transcript, "(message") : refusalOf(transcript);
        assert.equal(told?.code, afterDeath, formatTranscript(transcript));
      }
    } finally {
      rig.daemon().kill("SIGCONT");
    }
  });
};

testInNamespace("the daemon in trouble under a real Sendmail", import.meta.filename, define, [
  "sendmail",
]);

function refusalOf(transcript: Transcript): ReturnType<typeof replyTo> {
  return transcript.find(({ reply }) => (reply?.code ?? 0) >= 400)?.reply;
}
