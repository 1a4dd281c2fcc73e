import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Opensmtpd, startOpensmtpd } from "../mta/opensmtpd.ts";
import { type ScriptedDns, serveZone } from "../mta/scripted-dns.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";

const PORT = 2725;
const MAIN = join(import.meta.dirname, "../../packages/postern/src/main.ts");

/** Everything real: smtpd, the filter it starts, the DNS on port 53, clients with claimed addresses. */
const define = (): void => {
  let folder: string;
  let dns: ScriptedDns;
  let sink: Sink;
  let smtpd: Opensmtpd;

  const configure = (config: Readonly<Record<string, unknown>>): Promise<void> =>
    writeFile(
      join(folder, "postern.yaml"),
      JSON.stringify({ dns: { timeoutMs: 500 }, ...config }),
      {
        mode: 0o644,
      },
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "postern-smtpd-"));
    await chmod(folder, 0o755);
    dns = await serveZone({}, { port: 53 });
    sink = await openSink();
    await configure({});
    smtpd = await startOpensmtpd({
      instanceDir: join(folder, "smtpd"),
      port: PORT,
      sinkPort: sink.port,
      ipv6: true,
      dns: "hosts",
      filterCommand: `'${process.execPath}' --conditions=source '${MAIN}' opensmtpd --config '${join(folder, "postern.yaml")}'`,
    });
    await smtpd.waitForLog(/policy postmaster-2026, mode enforce/, 30_000);
  });

  after(async () => {
    await smtpd.stop();
    await dns.close();
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  });

  let serial = 0;
  /** The new zone and configuration, read again by the filter that runs. */
  const prepare = async ({
    config,
    dns: zone,
  }: Pick<Scenario, "config" | "dns">): Promise<void> => {
    dns.setZone(zone as Parameters<typeof serveZone>[0]);
    serial += 1;
    await configure({ ...config, dns: { timeoutMs: 500 + serial } });
    const isRead = (line: string) => /again$/.test(line);
    const seen = smtpd.log().filter(isRead).length;
    process.kill(await pidOf(MAIN), "SIGHUP");
    await until(() => smtpd.log().filter(isRead).length > seen);
  };

  for (const scenario of table) {
    const { cells, id, expect } = scenario;
    if (cells.opensmtpd !== "real") continue;
    test(`opensmtpd: ${id}`, async () => {
      await prepare(scenario);
      const already = sink.messages.length;
      const seen = smtpd.log().length;
      const transcript = await converse(conversationOf(scenario));
      const said = formatTranscript(transcript);
      if (expect.reply === null) {
        assert.equal(replyTo(transcript, "(message")?.code, 250, said);
      } else {
        const [, code = "", words = ""] = /^(\d{3}) (.*)$/.exec(expect.reply) ?? [];
        const told = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400)?.reply;
        assert.ok(told?.text.includes(words), said);
        assert.equal(String(told?.code), code, said);
      }
      const log = new RegExp(
        expect.log.source
          .replace(/^\^/, "")
          .replaceAll("postfix", "opensmtpd")
          .replace(/opensmtpd helo/, "opensmtpd \\w+"),
      );
      await until(
        () =>
          smtpd
            .log()
            .slice(seen)
            .some((line) => log.test(line)),
        () => smtpd.log().slice(seen).join("\n"),
      );
      if (expect.reply === null || expect.headers !== undefined) {
        await sink.waitFor(already + 1);
        const header = headerOf(sink.messages.at(-1)?.bytes);
        for (const wanted of expect.headers ?? []) assert.match(header, wanted);
        for (const absent of expect.absentHeaders ?? []) assert.doesNotMatch(header, absent);
      } else {
        assert.equal(sink.messages.length, already, "nothing may be delivered");
      }
    });
  }

  const [honest] = table;
  assert.ok(honest);
  const mailSteps: readonly Step[] = [
    { kind: "mail", from: honest.from },
    { kind: "rcpt", to: "b@example.org" },
    { kind: "data", message: honest.message },
  ];
  const sessionOf = (...steps: readonly Step[]): Parameters<typeof converse>[0] => ({
    host: "127.0.0.1",
    port: PORT,
    localAddress: "192.0.2.1",
    steps,
  });
  const ehlo: Step = { kind: "ehlo", name: honest.helo };
  const sendHonestly = async (): Promise<void> => {
    const transcript = await converse(
      sessionOf({ kind: "banner" }, ehlo, ...mailSteps, { kind: "quit" }),
    );
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
  };
  /** Waits until mail is judged again. */
  const untilJudged = async (): Promise<void> => {
    await until(
      () => smtpd.log().filter((line) => /mode enforce, from/.test(line)).length > deaths,
    );
    const seen = smtpd.log().length;
    await sendHonestly();
    await until(() =>
      smtpd
        .log()
        .slice(seen)
        .some((line) => /opensmtpd message .*action=accept/.test(line)),
    );
  };
  let deaths = 0;
  const killEngine = async (): Promise<void> => {
    deaths += 1;
    process.kill(await pidOf("engine.ts"), "SIGKILL");
  };
  const kill: Step = { kind: "meanwhile", action: killEngine };
  const half: Step = { kind: "raw", bytes: `DATA\r\n` };
  const head: Step = { kind: "raw", bytes: "Subject: half\r\nFrom: a@example.com\r\n", replies: 0 };
  const tail: Step = {
    kind: "raw",
    bytes:
      "Date: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <h@example.com>\r\n\r\nrest\r\n.\r\n",
  };
  const envelope: readonly Step[] = mailSteps.slice(0, 2);
  for (const [name, steps] of [
    ["before HELO", [{ kind: "banner" }, kill, ehlo, ...envelope, half, head, tail]],
    ["before MAIL", [{ kind: "banner" }, ehlo, kill, ...envelope, half, head, tail]],
    ["before DATA", [{ kind: "banner" }, ehlo, ...envelope, kill, half, head, tail]],
    [
      "in the middle of the message",
      [{ kind: "banner" }, ehlo, ...envelope, half, head, kill, tail],
    ],
  ] as const) {
    test(`the engine is killed ${name}: the mail goes on, byte for byte`, async () => {
      await prepare(honest);
      const already = sink.messages.length;
      const transcript = await converse(sessionOf(...steps, { kind: "quit" }));
      const said = formatTranscript(transcript);
      assert.ok(
        transcript.every(({ reply }) => (reply?.code ?? 0) < 400),
        said,
      );
      await sink.waitFor(already + 1);
      assert.ok(
        sink.messages.at(-1)?.bytes.toString("latin1").endsWith("<h@example.com>\r\n\r\nrest\r\n"),
        said,
      );
      await untilJudged();
    });
  }

  test("the engine is frozen: mail is answered in time, the engine is replaced", async () => {
    await prepare(honest);
    deaths += 1;
    process.kill(await pidOf("engine.ts"), "SIGSTOP");
    await sendHonestly();
    await until(() => smtpd.log().some((line) => /no sign of life/.test(line)), undefined, 20_000);
    await untilJudged();
  });

  test("ten clients at a time: each is judged, whenever smtpd delivers", async () => {
    await prepare(honest);
    const seen = smtpd.log().length;
    await Promise.all(Array.from({ length: 10 }, sendHonestly));
    const judged = () =>
      smtpd
        .log()
        .slice(seen)
        .filter((line) => /opensmtpd message .*action=accept/.test(line));
    await until(() => judged().length === 10);
  });

  test("a client that leaves in DATA harms nobody", async () => {
    await converse(sessionOf({ kind: "banner" }, ehlo, ...envelope, half, head, { kind: "close" }));
    await sendHonestly();
  });

  test("a broken configuration keeps the old one", async () => {
    const seen = smtpd.log().length;
    await writeFile(join(folder, "postern.yaml"), "mode: enfroce\n");
    process.kill(await pidOf(MAIN), "SIGHUP");
    await until(() =>
      smtpd
        .log()
        .slice(seen)
        .some((line) => /old configuration stays: .*enfroce/.test(line)),
    );
    await sendHonestly();
  });

  test("the same smtpd still serves, and says nothing against the filter", () => {
    assert.deepEqual(
      smtpd
        .log()
        .filter(
          (line) =>
            /lost processor|fatal|unexpected|malformed|exiting/i.test(line) &&
            !/^postern:/.test(line),
        ),
      [],
    );
  });
};

testInNamespace("scenarios on a real OpenSMTPD", import.meta.filename, define, ["opensmtpd"]);

function conversationOf({
  client,
  helo,
  from,
  rcpt,
  message,
}: Scenario): Parameters<typeof converse>[0] {
  return {
    host: client.ip.includes(":") ? "::1" : "127.0.0.1",
    port: PORT,
    localAddress: client.ip,
    steps: [
      { kind: "banner" },
      { kind: "ehlo", name: helo },
      { kind: "mail", from },
      ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
      { kind: "data", message },
      { kind: "quit" },
    ],
  };
}

/** The shim, which smtpd started (main.ts), or the engine, which the shim did: by a word of its command line. */
async function pidOf(word: string): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (words[0]?.endsWith("node") && words.some((one) => one.endsWith(word))) return Number(name);
  }
  return assert.fail(`no process of ours runs ${word}`);
}

function headerOf(bytes: Buffer | undefined): string {
  const text = bytes?.toString("latin1") ?? "";
  return text.slice(0, text.indexOf("\r\n\r\n"));
}

/** Waits for what another process does; bounded. */
async function until(isTrue: () => boolean, explain = () => "", ms = 8_000): Promise<void> {
  for (let turn = 0; turn < ms / 20; turn += 1) {
    if (isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`what was waited for did not come within ${ms} ms\n${explain()}`);
}
