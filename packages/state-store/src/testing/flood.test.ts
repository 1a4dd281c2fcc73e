import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openStateStore, type StoreSpec } from "../open-store.ts";
import { flood } from "./flood.ts";

const sizes = { goodKeys: 1_000, floodKeys: 200_000, maxKeys: 20_000 };

test("a flood costs no proven row: memory", () => survive({ kind: "memory" }, sizes));

test("a flood costs no proven row: sqlite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-flood-"));
  try {
    const spec: StoreSpec = { kind: "sqlite", path: join(folder, "state.db") };
    await survive(spec, { goodKeys: 1_000, floodKeys: 20_000, maxKeys: 10_000 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function survive(
  spec: StoreSpec,
  { goodKeys, floodKeys, maxKeys }: typeof sizes,
): Promise<void> {
  await using store = await openStateStore(spec, { maxKeys, readDeadlineMs: 30_000 });
  const { survivors } = await flood(store, { goodKeys, floodKeys });
  assert.equal(survivors, goodKeys);
  const listed = await store.list("domain:throwaway", 10_000);
  assert.ok(listed.kind === "found");
  // A fifth is for those that were seen on one day only.
  assert.equal(listed.rows.length, maxKeys / 5);
}
