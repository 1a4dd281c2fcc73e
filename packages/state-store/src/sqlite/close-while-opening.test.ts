import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { StoreFault } from "../backend.ts";
import { systemClock } from "../clock.ts";
import { SqliteBackend } from "./sqlite-backend.ts";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-state-"));
  try {
    await run(join(folder, "state.db"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("sqlite: closed while it opens, the probe under way starts no reader", () =>
  inFolder(async (path) => {
    const backend = new SqliteBackend(path, 1_000, systemClock);
    // The writer is asked by now, and the reader comes after it.
    const probe = backend.probe().catch((error: unknown) => error);
    await backend.close();
    const fault = await probe;
    assert.ok(fault instanceof StoreFault);
    assert.match(fault.message, /closed/);
  }));

test("sqlite: nothing asked after close starts a thread, and a second close ends", () =>
  inFolder(async (path) => {
    const backend = new SqliteBackend(path, 1_000, systemClock);
    await backend.probe();
    await backend.close();
    for (const late of [backend.read(["k"]), backend.probe(), backend.forget("k")]) {
      await assert.rejects(late, { name: "StoreFault", batch: "not-applied" });
    }
    await backend.close();
  }));

test("sqlite: a process that closes its store while that opens comes to its end", () =>
  inFolder(async (path) => {
    const backend = JSON.stringify(new URL("./sqlite-backend.ts", import.meta.url).href);
    const program = `
      import { SqliteBackend } from ${backend};
      const backend = new SqliteBackend(${JSON.stringify(path)}, 1_000, { wallMs: Date.now });
      backend.probe().catch(() => {});
      await backend.close();
    `;
    const argv = ["--conditions=source", "--input-type=module", "--eval", program];
    const child = spawn(process.execPath, argv, { stdio: "ignore", timeout: 20_000 });
    assert.deepEqual(await once(child, "exit"), [0, null]);
  }));
