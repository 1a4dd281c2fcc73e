import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuTimeMs } from "./cpu-time.ts";

const TOKEN = "aaaa000000000001";
const HANDSHAKE =
  "config|smtpd-version|7.8.0\nconfig|protocol|0.7\nconfig|smtp-session-timeout|300\nconfig|subsystem|smtp-in\nconfig|admd|mx.example.org\nconfig|ready\n";
const SMALL_MESSAGES = 500;
const LARGE_LINES = 300_000;

/**
 * What a message costs the filter of smtpd on a pipe: the shim's CPU, the engine's, and how many lines of 70 bytes
 * go through in a second.
 *
 * @param main the main.ts to measure.
 */
export async function benchOpensmtpd(say: (line: string) => void, main: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-bench-"));
  try {
    const file = join(folder, "postern.yaml");
    await writeFile(
      file,
      "dns: { servers: ['127.0.0.1:9'], timeoutMs: 100 }\ntrusted: [198.51.100.0/24]\n",
    );
    const filter = spawn(
      process.execPath,
      ["--conditions=source", main, "opensmtpd", "--config", file],
      {
        cwd: "/",
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    await measure(say, filter);
    filter.stdin.end();
    await once(filter, "exit");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(say: (line: string) => void, filter: ChildProcess): Promise<void> {
  const { stdin, stdout, stderr, pid } = filter;
  if (stdin === null || stdout === null || stderr === null || pid === undefined) return;
  const seen = counter(stdout);
  const log = counter(stderr);
  stdin.write(HANDSHAKE);
  await seen.until((text) => text.includes("register|ready\n"));
  await log.until((text) => text.includes("mode enforce"));
  const engine = await childOf(pid);

  let serial = 0;
  say("| what | shim CPU | engine CPU | elapsed |");
  say("|---|---:|---:|---:|");
  const small = "x".repeat(70);
  for (const [name, messages, lines] of [
    ["warming up", SMALL_MESSAGES, 58],
    ["a message of 58 lines, 4 KB", SMALL_MESSAGES, 58],
    ["a message of 300,000 lines of 70 bytes, 21 MB", 1, LARGE_LINES],
  ] as const) {
    const before = [await cpuTimeMs(pid), await cpuTimeMs(engine)] as const;
    const startedAt = performance.now();
    for (let n = 0; n < messages; n += 1) {
      serial += 1;
      const session = serial.toString(16).padStart(16, "0");
      stdin.write(beginning(session));
      await seen.until((text) => text.includes(`filter-result|${session}|${TOKEN}|`));
      const prefix = `filter|0.7|1.0|smtp-in|data-line|${session}|${TOKEN}|`;
      stdin.write(`${prefix}Subject: x\n${prefix}From: a@example.com\n${prefix}\n`);
      const block = `${prefix}${small}\n`.repeat(100);
      for (let line = 0; line < lines; line += 100) {
        const isLast = lines - line < 100;
        const text = isLast ? `${prefix}${small}\n`.repeat(lines - line) : block;
        if (!stdin.write(text)) await once(stdin, "drain");
      }
      stdin.write(`${prefix}.\n`);
      await seen.until((text) => text.includes(`filter-dataline|${session}|${TOKEN}|.\n`));
      stdin.write(ending(session));
      await seen.until((text) => text.includes(`filter-result|${session}|${TOKEN}|`));
    }
    const tookMs = performance.now() - startedAt;
    const shimMs = (await cpuTimeMs(pid)) - before[0];
    const engineMs = (await cpuTimeMs(engine)) - before[1];
    if (name === "warming up") continue;
    const each = (ms: number): string => `${(ms / messages).toFixed(2)} ms`;
    say(`| ${name} | ${each(shimMs)} | ${each(engineMs)} | ${each(tookMs)} |`);
    if (messages === 1)
      say(`\n${Math.round(lines / (tookMs / 1000)).toLocaleString("en")} lines a second`);
  }
}

const report = (session: string, event: string): string =>
  `report|0.7|1.0|smtp-in|${event}|${session}`;
const request = (session: string, phase: string, payload: string): string =>
  `filter|0.7|1.0|smtp-in|${phase}|${session}|${TOKEN}|${payload}\n`;

/** Up to the answer to DATA; the requests before it are answered too. */
function beginning(session: string): string {
  return [
    `${report(session, "link-connect")}|mail.example.com|pass|192.0.2.1:4100|198.51.100.1:25\n`,
    `${report(session, "link-identify")}|EHLO|mail.example.com\n`,
    request(session, "data", ""),
  ].join("");
}

function ending(session: string): string {
  return [
    request(session, "commit", ""),
    `${report(session, "tx-commit")}|aaaaaaaa|1000\n`,
    `${report(session, "tx-reset")}|aaaaaaaa\n`,
    `${report(session, "link-disconnect")}\n`,
  ].join("");
}

/** Waits for text in what a stream brings, keeping its end. */
function counter(stream: NodeJS.ReadableStream) {
  let text = "";
  let wake = (): void => {};
  stream.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("latin1")).slice(-2_000_000);
    wake();
  });
  return {
    async until(isThere: (text: string) => boolean): Promise<void> {
      while (!isThere(text)) {
        if (text.length > 1_000_000) text = text.slice(-1_000);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      text = "";
    },
  };
}

async function childOf(parent: number): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === parent) return Number(name);
  }
  throw new Error("Cannot find the engine");
}
