import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { manualTimer } from "../daemon/testing/manual-timer.ts";
import { type Current, keepCurrent } from "./serve.ts";

const YAML = "policy: { extends: postmaster-2026, deny: [{ file: deny.txt }] }";
const WITH_EXAMPLE = `policy:
  extends: postmaster-2026
  deny: [{ file: deny.txt }]
  expect:
    - name: he is denied
      case: { client: { ip: 192.0.2.1 }, dns: {} }
      verdict: { action: reject, rule: client.denied }
`;

interface Rig {
  readonly current: Current;
  write(name: string, text: string): void;
  remove(name: string): void;
  fifo(name: string): void;
  /** The lines that the next look at the files announces, without the warnings of inherited examples. */
  look(): Promise<readonly string[]>;
  lines(): readonly string[];
  /** How many entries of deny the daemon has, for each reload. */
  readonly reloads: number[];
}

async function running(action: (rig: Rig) => Promise<void>, yaml: string = YAML): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "postern-current-"));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const load = async (): Promise<Config> => ({
    ...(await loadConfig({ cwd: folder, systemFile: null, hostname: "mx.example.org" })),
    watchedFiles: [join(folder, "deny.txt")],
  });
  const timer = manualTimer();
  const reloads: number[] = [];
  let announced: string[] = [];
  const lines = (): readonly string[] => {
    const some = announced.filter((text) => !text.startsWith("warning: "));
    announced = [];
    return some.map((text) => text.replaceAll(`${folder}/`, ""));
  };
  try {
    write("deny.txt", "192.0.2.0/24\n");
    write("postern.yaml", yaml);
    const current = await keepCurrent(await load(), {
      load,
      reload: async ({ policy }) => {
        reloads.push(policy.deny.length);
      },
      announce: (text) => announced.push(text),
      clock: timer,
    });
    const look = async (): Promise<readonly string[]> => {
      await timer.ring();
      return lines();
    };
    const remove = (name: string): void => rmSync(join(folder, name));
    const fifo = (name: string): void => void execFileSync("mkfifo", [join(folder, name)]);
    await action({ current, write, remove, fifo, look, lines, reloads });
    current.stop();
    assert.ok(!timer.isSet());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("keepCurrent: a file of entries that changes is read again", () =>
  running(async ({ write, look, reloads }) => {
    write("deny.txt", "192.0.2.0/24\n198.51.100.0/24\n");
    assert.deepEqual(await look(), ["read postern.yaml again: deny.txt has changed"]);
    assert.deepEqual(reloads, [2]);
    assert.deepEqual(await look(), []);
  }));

test("keepCurrent: a bad line keeps the old list, and is told once", () =>
  running(async ({ write, look, reloads }) => {
    write("deny.txt", "192.0.2.0/24\nnot good\n");
    const [line = "", ...more] = await look();
    assert.match(
      line,
      /^deny\.txt has changed, but the old configuration stays: deny\.txt:2:1: must be an IP address/,
    );
    assert.deepEqual([more, reloads, await look()], [[], [], []]);
    write("deny.txt", "192.0.2.0/24\n198.51.100.0/24\n");
    assert.deepEqual(await look(), ["read postern.yaml again: deny.txt has changed"]);
    assert.deepEqual(reloads, [2]);
  }));

test("keepCurrent: a file that vanishes keeps the old list, and is told once", () =>
  running(async ({ write, remove, look, reloads }) => {
    remove("deny.txt");
    assert.deepEqual(await look(), ["deny.txt does not exist: its previous entries stay in use"]);
    assert.deepEqual(await look(), []);
    assert.deepEqual(reloads, []);
    write("deny.txt", "198.51.100.0/24\n");
    assert.deepEqual(await look(), ["read postern.yaml again: deny.txt has changed"]);
    assert.deepEqual(reloads, [1]);
  }));

test("keepCurrent: a file that becomes a FIFO keeps the old list, at SIGHUP too, and comes back by itself", () =>
  running(async ({ current, write, remove, fifo, look, lines, reloads }) => {
    remove("deny.txt");
    fifo("deny.txt");
    assert.deepEqual(await look(), [
      "deny.txt is a FIFO, not a regular file: its previous entries stay in use",
    ]);
    await current.reload(null);
    assert.deepEqual(lines(), [
      'the old configuration stays: postern.yaml:1:52: policy.deny[0].file: "deny.txt" is a FIFO, not a regular file',
    ]);
    assert.deepEqual([await look(), reloads], [[], []]);
    remove("deny.txt");
    write("deny.txt", "198.51.100.0/24\n");
    assert.deepEqual(await look(), ["read postern.yaml again: deny.txt has changed"]);
    assert.deepEqual(reloads, [1]);
  }));

test("keepCurrent: postern.yaml that becomes a FIFO changes nothing", () =>
  running(async ({ current, remove, fifo, lines, reloads }) => {
    remove("postern.yaml");
    fifo("postern.yaml");
    await current.reload(null);
    assert.deepEqual(lines(), [
      "the old configuration stays: postern.yaml: is a FIFO, not a regular file",
    ]);
    assert.deepEqual(reloads, []);
  }));

test("keepCurrent: postern.yaml is read again only when somebody asks for it", () =>
  running(async ({ current, write, look, lines, reloads }) => {
    write("postern.yaml", "policy: postmaster-2026");
    assert.deepEqual(await look(), []);
    await current.reload(null);
    assert.deepEqual(lines(), ["read postern.yaml again"]);
    assert.deepEqual(reloads, [0]);
  }));

test("keepCurrent: what was read because somebody asked is not told again as a change", () =>
  running(async ({ current, write, look, lines, reloads }) => {
    write("deny.txt", "192.0.2.0/24\n198.51.100.0/24\n");
    await current.reload(null);
    assert.deepEqual(lines(), ["read postern.yaml again"]);
    assert.deepEqual([await look(), reloads], [[], [2]]);
  }));

test("keepCurrent: an example of one's own that fails blocks the change", () =>
  running(async ({ write, look, reloads }) => {
    write("deny.txt", "# nobody\n");
    const [line = ""] = await look();
    assert.match(
      line,
      /^deny\.txt has changed, but the old configuration stays: postern\.yaml:5: the example "he is denied"/,
    );
    assert.deepEqual(reloads, []);
  }, WITH_EXAMPLE));
