import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "../main.ts");
const HANDSHAKE =
  "config|smtpd-version|6.8.0p2\nconfig|smtp-session-timeout|300\nconfig|subsystem|smtp-in\nconfig|ready\n";
const ask = (session: string) =>
  `report|0.6|1.0|smtp-in|link-connect|${session}|mail.example.com|pass|192.0.2.1:4100|198.51.100.1:25\n` +
  `filter|0.6|1.1|smtp-in|connect|${session}|aaaa000000000001|mail.example.com|192.0.2.1\n`;

/** The filter as smtpd starts it, over a configuration. */
async function withFilter(
  config: string,
  action: (filter: {
    readonly child: ChildProcessWithoutNullStreams;
    wrote(pattern: RegExp): Promise<void>;
    logged(pattern: RegExp): Promise<void>;
    readonly file: string;
    readonly texts: { readonly stdout: string; readonly stderr: string };
  }) => Promise<void>,
  argv: readonly string[] = ["opensmtpd", "--config", "FILE"],
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-filter-"));
  const file = join(folder, "postern.yaml");
  await writeFile(file, config);
  const child = spawn(
    process.execPath,
    ["--conditions=source", MAIN, ...argv.map((word) => (word === "FILE" ? file : word))],
    { cwd: "/" },
  );
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      texts[name] += chunk.toString("latin1");
    });
  const waitFor = async (name: "stdout" | "stderr", pattern: RegExp): Promise<void> => {
    const signal = AbortSignal.timeout(20_000);
    while (!pattern.test(texts[name]))
      await once(child[name], "data", { signal }).catch(() =>
        assert.fail(`${pattern}: ${texts[name]}`),
      );
  };
  try {
    await action({
      child,
      file,
      texts,
      wrote: (pattern) => waitFor("stdout", pattern),
      logged: (pattern) => waitFor("stderr", pattern),
    });
  } finally {
    if (child.exitCode === null) {
      child.stdin.end();
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  }
}

const dns = "dns: { servers: ['127.0.0.1:9'], timeoutMs: 200 }\n";

test("postern opensmtpd: registers, answers, and ends with its input", () =>
  withFilter(dns, async ({ child, wrote, logged }) => {
    child.stdin.write(HANDSHAKE);
    await wrote(/^register\|ready$/m);
    await logged(/policy postmaster-2026, mode enforce/);
    child.stdin.write(ask("00000000000000a1"));
    await wrote(/^filter-result\|00000000000000a1\|aaaa000000000001\|proceed$/m);
    child.stdin.end();
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
  }));

test("postern opensmtpd: with a broken configuration it registers, lets everything pass, and tries again", () =>
  withFilter("mode: enfroce\n", async ({ child, wrote, logged, file }) => {
    child.stdin.write(HANDSHAKE);
    await wrote(/^register\|ready$/m);
    await logged(/nothing is judged until the configuration is corrected: .*enfroce/);
    child.stdin.write(ask("00000000000000a2"));
    await wrote(/^filter-result\|00000000000000a2\|aaaa000000000001\|proceed$/m);
    await writeFile(file, dns);
    child.kill("SIGHUP");
    await logged(/policy postmaster-2026, mode enforce/);
  }));

test("postern opensmtpd: signals do not end it", () =>
  withFilter(dns, async ({ child, wrote, logged }) => {
    child.stdin.write(HANDSHAKE);
    await wrote(/^register\|ready$/m);
    await logged(/mode enforce/);
    for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1"] as const) child.kill(signal);
    await logged(/SIGUSR1 is ignored/);
    child.stdin.write(ask("00000000000000a3"));
    await wrote(/^filter-result\|00000000000000a3\|aaaa000000000001\|proceed$/m);
  }));

for (const [argv, why] of [
  [["opensmtpd", "--confg", "FILE"], /unknown option: --confg \(did you mean --config\?\)/],
  [["opensmtpd", "FILE"], /unexpected argument: /],
  [["opensmptd", "--config", "FILE"], /unknown command: opensmptd \(did you mean opensmtpd\?\)/],
  [["--config", "FILE", "opensmtpd"], /opensmtpd must be the first argument/],
] as const) {
  test(`postern ${argv.join(" ")}: mail passes, smtpd stays, and the log says why`, () =>
    withFilter(
      dns,
      async ({ child, wrote, logged }) => {
        child.stdin.write(HANDSHAKE);
        await wrote(/^register\|ready$/m);
        await logged(/nothing is judged until the filter line in smtpd\.conf is corrected: /);
        await logged(why);
        child.stdin.write(ask("00000000000000a4"));
        await wrote(/^filter-result\|00000000000000a4\|aaaa000000000001\|proceed$/m);
        assert.equal(child.exitCode, null);
      },
      argv,
    ));
}

test("postern opensmtpd: a session has 100 lines for refusals, and one that counts", () =>
  withFilter(
    `${dns}trusted: []\nstate: none\npolicy: { extends: postmaster-2026, deny: [{ client: 192.0.2.1 }] }\n`,
    async ({ child, wrote, logged, texts }) => {
      const session = "00000000000000a1";
      // smtpd asks one question after the other.
      const asked = async (phase: string, token: number, value: string): Promise<void> => {
        const digits = String(token).padStart(16, "0");
        child.stdin.write(`filter|0.6|1.2|smtp-in|${phase}|${session}|${digits}|${value}\n`);
        await wrote(new RegExp(`^filter-result\\|${session}\\|${digits}\\|`, "m"));
      };
      const report = (what: string): void =>
        void child.stdin.write(`report|0.6|1.9|smtp-in|${what}\n`);
      child.stdin.write(HANDSHAKE);
      await wrote(/^register\|ready$/m);
      child.stdin.write(ask(session));
      await wrote(/^filter-result\|00000000000000a1\|aaaa000000000001\|proceed$/m);
      await asked("helo", 2, "mail.example.net");
      report(`link-identify|${session}|HELO|mail.example.net`);
      await asked("mail-from", 3, "<a@example.net>");
      report(`tx-begin|${session}|0badcafe`);
      report(`tx-mail|${session}|0badcafe|ok|a@example.net`);
      for (let index = 0; index < 150; index += 1)
        await asked("rcpt-to", 1_000 + index, "<b@example.org>");
      assert.match(texts.stdout, /^filter-result\|\w+\|0000000000001149\|reject\|550 /m);
      report(`link-disconnect|${session}`);
      await logged(/ opensmtpd session .*refused=50 refusals=reject:client\.denied:50$/m);
      assert.equal(texts.stderr.match(/ opensmtpd rcpt .* action=reject /g)?.length, 100);
    },
  ));
