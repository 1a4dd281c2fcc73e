import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "../main.ts");
const YAML =
  "{ listen: { milter: inet:127.0.0.1:0 }, state: none, mode: MODE, dns: { servers: ['127.0.0.1:9'] } }";

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly folder: string;
  configure(mode: string): void;
  logged(pattern: RegExp): Promise<void>;
  text(): string;
}

/** `postern serve` in a folder with a postern.yaml, which it finds by itself. */
async function serving(action: (running: Running) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "postern-signals-"));
  const configure = (mode: string): void =>
    writeFileSync(join(folder, "postern.yaml"), YAML.replace("MODE", mode));
  configure("observe");
  const child = spawn(process.execPath, ["--conditions=source", MAIN, "serve"], { cwd: folder });
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
  });
  const logged = async (pattern: RegExp): Promise<void> => {
    const signal = AbortSignal.timeout(20_000);
    while (!pattern.test(text))
      await once(child.stderr, "data", { signal }).catch(() => assert.fail(`${pattern}: ${text}`));
  };
  try {
    await logged(/mode observe, from/);
    await action({ child, folder, configure, logged, text: () => text });
  } finally {
    if (child.exitCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(folder, { recursive: true });
  }
}

test("serve: the file found at the start is read again, and none that the search would find", () =>
  serving(async ({ child, folder, configure, logged }) => {
    const file = join(folder, "postern.yaml");
    mkdirSync(join(folder, "aside"));
    renameSync(file, join(folder, "aside/postern.yaml"));
    child.kill("SIGHUP");
    await logged(/the old configuration stays: .*postern\.yaml: does not exist/);
    configure("junk");
    child.kill("SIGHUP");
    await logged(new RegExp(`read ${file} again`));
  }));

test("serve: pidof and pkill find it by the name postern", () =>
  serving(async ({ child }) => {
    const pids = execFileSync("pidof", ["postern"], { encoding: "utf8" }).trim().split(" ");
    assert.ok(pids.includes(String(child.pid)), pids.join());
    const exact = execFileSync("pgrep", ["-x", "postern"], { encoding: "utf8" }).split("\n");
    assert.ok(exact.includes(String(child.pid)), exact.join());
  }));

test("serve: SIGUSR1 opens no debugger, and is told", () =>
  serving(async ({ child, logged, text }) => {
    child.kill("SIGUSR1");
    await logged(/SIGUSR1: nothing to reopen/);
    child.kill("SIGHUP");
    await logged(/read .* again/);
    assert.doesNotMatch(text(), /Debugger listening/);
  }));
