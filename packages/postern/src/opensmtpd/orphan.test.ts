import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

test("an engine whose shim is gone while it still loads ends", async () => {
  const main = join(import.meta.dirname, "engine.ts");
  const engine = fork(main, ["opensmtpd"], {
    execArgv: ["--conditions=source"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const ended = once(engine, "exit");
  engine.disconnect();
  assert.deepEqual(await ended, [0, null]);
});
