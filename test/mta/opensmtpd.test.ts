import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startDaemon } from "./daemon.ts";
import { message, session, strangers, transaction, withInstance } from "./instance-test.ts";
import { testInNamespace } from "./namespace-test.ts";
import { type Opensmtpd, type OpensmtpdOptions, startOpensmtpd } from "./opensmtpd.ts";
import { isListening } from "./processes.ts";
import { proxyV2Header } from "./proxy-header.ts";
import { serveZone } from "./scripted-dns.ts";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";
import type { Step } from "./smtp-steps.ts";

const port = 2525;
const filter = join(import.meta.dirname, "fixtures/log-filter.mjs");
const filterCommand = `'${process.execPath}' '${filter}'`;
/** What the filter of fixtures/ says of itself. */
interface Circumstances {
  readonly uid: number;
  readonly cwd: string;
  readonly env: readonly string[];
}

const withOpensmtpd = (
  options: Partial<OpensmtpdOptions>,
  action: (smtpd: Opensmtpd) => Promise<void>,
) =>
  withInstance(async (instanceDir) => {
    const common = { instanceDir, port, sinkPort: 2526, dns: "hosts", filterCommand } as const;
    await using smtpd = await startOpensmtpd({ ...common, ...options });
    await action(smtpd);
  });

const define = () => {
  test("clients of any address, IPv6, names from DNS, exact bytes", async () => {
    await using sink = await openSink();
    await using _dns = await serveZone(
      {
        "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
        "mail.example.com": { A: ["192.0.2.1"] },
      },
      { port: 53 },
    );
    const options = { sinkPort: sink.port, ipv6: true, dns: "127.0.0.1" } as const;
    await withOpensmtpd(options, async (smtpd) => {
      const from = { host: "127.0.0.1", port, localAddress: "192.0.2.1" };
      const plain = await converse({ ...from, steps: session() });
      assert.equal(replyTo(plain, "(message")?.code, 250, formatTranscript(plain));
      const [first] = await sink.waitFor(1);
      assert.match(
        first?.bytes.toString("latin1") ?? "",
        /^Received: from client\.example\.com \(mail\.example\.com \[192\.0\.2\.1\]\)\r\n/,
      );
      assert.ok(first?.bytes.subarray(-message.length).equals(message));
      await smtpd.waitForLog(
        /^postern: report\|0\.6\|[\d.]+\|smtp-in\|link-connect\|\w{16}\|mail\.example\.com\|pass\|192\.0\.2\.1:\d+\|127\.0\.0\.1:2525$/,
      );

      const v6From = { host: "::1", port, localAddress: "2001:db8::25" };
      const v6 = await converse({ ...v6From, steps: session() });
      assert.equal(replyTo(v6, "(message")?.code, 250, formatTranscript(v6));
      await sink.waitFor(2);
      await smtpd.waitForLog(/\|link-connect\|\w{16}\|<unknown>\|fail\|\[2001:db8::25\]:\d+\|/);

      const elsewhere = await converse({
        ...from,
        steps: [...session().slice(0, 3), { kind: "rcpt", to: "b@example.edu" }],
      });
      assert.equal(replyTo(elsewhere, "RCPT")?.code, 550, formatTranscript(elsewhere));
    });
  });

  for (const [source, seen] of [
    ["192.0.2.77", "192.0.2.77"],
    ["2001:db8::77", "[2001:db8::77]"],
  ] as const) {
    test(`PROXY v2: ${source} is the client, named by hosts`, async () => {
      await using sink = await openSink();
      const options = { sinkPort: sink.port, listenProxyV2: true, hosts: [`${source} c.example`] };
      await withOpensmtpd(options, async (smtpd) => {
        const bytes = proxyV2Header({ source, sourcePort: 40_001 });
        const steps = session("client.example.com", { kind: "raw", bytes, replies: 0 });
        const transcript = await converse({ host: "127.0.0.1", port, steps });
        assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
        const [delivered] = await sink.waitFor(1);
        assert.ok(delivered?.bytes.subarray(-message.length).equals(message));
        const line = await smtpd.waitForLog(/\|link-connect\|/);
        assert.ok(line.endsWith(`|c.example|pass|${seen}:40001|127.0.0.1:2525`), line);
      });
    });
  }

  test("deliveries do not wait for one another", async () => {
    await using sink = await openSink();
    await withOpensmtpd({ sinkPort: sink.port }, async () => {
      const steps = [...session().slice(0, 2), ...Array(4).fill(transaction).flat()];
      for (const count of [4, 8]) {
        await converse({ host: "127.0.0.1", port, steps });
        await sink.waitFor(count, 5_000);
      }
    });
  });

  test("the filter: user, environment, end, and a command full of quotes", async () => {
    const script = `echo "a\\ b" '"\\' >&2; exec "${process.execPath}" "${filter}"`;
    const shell = `sh -c '${script.replaceAll("'", "'\\''")}'`;
    await withOpensmtpd({ filterCommand: shell, filterUser: "nobody" }, async (smtpd) => {
      await smtpd.waitForLog(/^postern: a\\ b "\\$/);
      await smtpd.waitForLog(/^postern: config\|smtpd-version\|6\.8\.0p2$/);
      await smtpd.waitForLog(/^postern: config\|admd\|mx\.example\.org$/);
      const line = await smtpd.waitForLog(/"uid"/);
      const { uid, cwd, env } = JSON.parse(line.slice("postern: ".length)) as Circumstances;
      assert.deepEqual([uid, cwd], [65534, "/"]);
      assert.ok(
        env.every((name) => ["PATH", "HOME", "LANG", "PWD"].includes(name)),
        line,
      );
      const stoppedAt = performance.now();
      await smtpd.stop();
      assert.ok(performance.now() - stoppedAt < 1_000, "the filter ends when its input does");
      assert.equal(await smtpd.ended, 0);
      assert.deepEqual(await strangers(), []);
    });
  });

  test("the filter ends with code 0: so does OpenSMTPD, with all its sessions", async () => {
    await withOpensmtpd({}, async (smtpd) => {
      const idle: Step[] = [{ kind: "banner" }, { kind: "pause", ms: 1_500 }, { kind: "noop" }];
      const other = converse({ host: "127.0.0.1", port, steps: idle });
      await smtpd.waitForLog(/\|link-greeting\|/);
      const steps = session("die.example.com");
      const dead = await converse({ host: "127.0.0.1", port, steps });
      assert.equal(dead.at(-1)?.end, "disconnected", formatTranscript(dead));
      assert.equal(await smtpd.ended, 0);
      await smtpd.waitForLog(/^warn: lost processor: postern exited abnormally$/);
      const abandoned = await other;
      assert.equal(abandoned[0]?.reply?.code, 220);
      assert.equal(abandoned.at(-1)?.end, "disconnected", formatTranscript(abandoned));
      await smtpd.stop();
      assert.equal(await isListening(port), false);
      await assert.rejects(smtpd.waitForLog(/never printed/), /it has ended/);
    });
  });

  test("a broken configuration is reported with OpenSMTPD's words", async () => {
    await assert.rejects(
      withOpensmtpd({ extraConfig: ["listen on moon"] }, async () => {}),
      /Cannot start opensmtpd on port 2525: .*invalid virtual ip or interface: moon/s,
    );
  });

  test("it dies with its starter", () =>
    withInstance(async (instanceDir) => {
      const options = { instanceDir, port, sinkPort: 2526, dns: "hosts", filterCommand };
      const script = `
        import { startOpensmtpd } from ${JSON.stringify(join(import.meta.dirname, "opensmtpd.ts"))};
        await startOpensmtpd(${JSON.stringify(options)});
        console.log("up");`;
      const argv = ["--conditions=source", "--input-type=module", "-e", script];
      const starter = await startDaemon(argv, { readyLine: /^up$/ });
      assert.ok(await isListening(port));
      starter.kill("SIGKILL");
      for (let tries = 0; tries < 200 && (await strangers()).length > 0; tries++) await sleep(20);
      assert.deepEqual(await strangers(), []);
    }));
};

testInNamespace("opensmtpd: a real one in namespaces", import.meta.filename, define, ["opensmtpd"]);
