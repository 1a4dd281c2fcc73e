import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openStateStore, type StoreSpec } from "../open-store.ts";
import { flood } from "./flood.ts";
import { type GoodSenders, patientFlood } from "./patient-flood.ts";
import { testClock } from "./test-clock.ts";

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

/** A hundredth of a real site, and of a flood of 1.2 connections a second that lasts for a month. */
const small: readonly GoodSenders[] = [
  { name: "daily", count: 20, everyDays: 1, during: "writing" },
  { name: "weekly", count: 80, everyDays: 7, during: "writing" },
  { name: "monthly", count: 80, everyDays: 30, during: "writing" },
  { name: "resting", count: 20, everyDays: 30, during: "resting" },
];

test("cheap identities that come back cost none that has earned more: memory", () =>
  outlast({ kind: "memory" }));

test("cheap identities that come back cost none that has earned more: sqlite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-flood-"));
  try {
    await outlast({ kind: "sqlite", path: join(folder, "state.db") });
  } finally {
    await rm(folder, { recursive: true });
  }
});

async function outlast(spec: StoreSpec): Promise<void> {
  const clock = testClock();
  let today: number | undefined;
  const setDay = (day: number): void => {
    clock.passTime((day - (today ?? day)) * 86_400_000);
    today = day;
  };
  await using store = await openStateStore(spec, {
    maxKeys: 10_000,
    readDeadlineMs: 30_000,
    beginDeadlineMs: 30_000,
    clock,
  });
  const size = { groups: small, daysBefore: 120, floodDays: 32, newADay: 518 };
  const left = await patientFlood(store, size, setDay);
  assert.deepEqual(left, { daily: 20, weekly: 80, monthly: 80, resting: 20 });
  // The flood has only what nobody else needs.
  const listed = await store.list("address:flood", 10_000);
  assert.ok(listed.kind === "found");
  assert.ok(listed.rows.length <= 10_000 - 200, String(listed.rows.length));
}

async function survive(
  spec: StoreSpec,
  { goodKeys, floodKeys, maxKeys }: typeof sizes,
): Promise<void> {
  await using store = await openStateStore(spec, {
    maxKeys,
    readDeadlineMs: 30_000,
    beginDeadlineMs: 30_000,
  });
  const { survivors } = await flood(store, { goodKeys, floodKeys });
  assert.equal(survivors, goodKeys);
  const listed = await store.list("domain:throwaway", 10_000);
  assert.ok(listed.kind === "found");
  // A fifth is for those that were seen on one day only.
  assert.equal(listed.rows.length, maxKeys / 5);
}
