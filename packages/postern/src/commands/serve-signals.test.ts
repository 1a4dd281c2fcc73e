import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
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

/**
 * `postern serve` in a folder with a postern.yaml; root has to name it.
 *
 * @param keys other keys of the file, with FOLDER for the folder.
 * @param fileMode of the file.
 */
async function serving(
  action: (running: Running) => Promise<void>,
  keys = "",
  fileMode = 0o644,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "postern-signals-"));
  chmodSync(folder, 0o755);
  const file = join(folder, "postern.yaml");
  const configure = (mode: string): void => {
    const yaml = YAML.replace("MODE", mode).replace(/ \}$/, `${keys} }`);
    writeFileSync(file, yaml.replaceAll("FOLDER", folder));
    chmodSync(file, fileMode);
  };
  configure("observe");
  const child = spawn(
    process.execPath,
    ["--conditions=source", MAIN, "serve", "--config", "postern.yaml"],
    { cwd: folder },
  );
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

test("serve: the file of the start is read again, and none that the search would find", () =>
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

test("serve: pidFile has its process id, and goes when it ends; a change of the key needs a restart", () =>
  serving(async ({ child, folder, logged }) => {
    const file = join(folder, "postern.pid");
    assert.equal(readFileSync(file, "utf8"), `${child.pid}\n`);
    const yaml = join(folder, "postern.yaml");
    writeFileSync(yaml, readFileSync(yaml, "utf8").replace("postern.pid", "other.pid"));
    child.kill("SIGHUP");
    await logged(/pidFile has changed: restart to apply it/);
    child.kill("SIGTERM");
    await once(child, "exit");
    assert.ok(!existsSync(file));
  }, ", pidFile: postern.pid"));

const skip = process.getuid?.() === 0 ? false : "needs root, to drop privileges";

test(
  "serve: the user dropped to cannot read the file again: said at the start, with the remedy",
  { skip },
  () =>
    serving(
      async ({ folder, logged, text }) => {
        const file = join(folder, "postern.yaml");
        const line = `SIGHUP will not read ${file} again: user nobody may not read it: chgrp nogroup ${file} && chmod 0640 ${file}`;
        await logged(/mode observe, from/);
        assert.ok(text().includes(line), text());
      },
      ", user: nobody",
      0o600,
    ),
);

test("serve: the user dropped to can read the file again: nothing is said", { skip }, () =>
  serving(async ({ logged, text }) => {
    await logged(/mode observe, from/);
    assert.doesNotMatch(text(), /SIGHUP/);
  }, ", user: nobody"),
);
