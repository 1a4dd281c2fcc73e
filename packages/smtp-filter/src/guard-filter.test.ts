import assert from "node:assert/strict";
import { test } from "node:test";
import { type FilterFailure, guardFilter } from "./guard-filter.ts";
import { fakeClock, settle } from "./testing/fake-clock.ts";

function rig() {
  const clock = fakeClock();
  const failures: (FilterFailure & { readonly stage: string })[] = [];
  const guard = guardFilter<string>(clock, (failure, stage) =>
    failures.push({ ...failure, stage }),
  );
  return { clock, failures, guard };
}

test("ask: an answer in time, and no timer is left", async () => {
  const { clock, failures, guard } = rig();
  const result = await guard.ask("rcpt", 100, async () => "yes");
  assert.deepEqual(result, { kind: "value", value: "yes" });
  assert.deepEqual([clock.pending(), failures], [0, []]);
});

const broken = new Error("broken");
for (const { name, work } of [
  {
    name: "at once",
    work: (): Promise<never> => {
      throw broken;
    },
  },
  { name: "later", work: () => Promise.reject<never>(broken) },
]) {
  test(`ask: what throws ${name} is told once`, async () => {
    const { clock, failures, guard } = rig();
    assert.deepEqual(await guard.ask("mail", 100, work), { kind: "failed", why: "threw" });
    assert.deepEqual(failures, [{ kind: "handler-error", error: broken, stage: "mail" }]);
    assert.equal(clock.pending(), 0);
  });
}

for (const { name, settleWork } of [
  { name: "an answer", settleWork: (p: PromiseWithResolvers<string>) => p.resolve("yes") },
  { name: "a rejection", settleWork: (p: PromiseWithResolvers<string>) => p.reject(broken) },
]) {
  test(`ask: ${name} behind the deadline is dropped, and told`, async () => {
    const { clock, failures, guard } = rig();
    const work = Promise.withResolvers<string>();
    const asked = guard.ask("end", 100, () => work.promise);
    await clock.advance(100);
    assert.deepEqual(await asked, { kind: "failed", why: "late" });
    settleWork(work);
    await settle();
    assert.deepEqual(failures, [
      { kind: "deadline", deadlineMs: 100, stage: "end" },
      { kind: "late-answer", stage: "end" },
    ]);
    assert.equal(clock.pending(), 0);
  });
}

test("ask: progress is told until the answer", async () => {
  const { clock, guard } = rig();
  const work = Promise.withResolvers<string>();
  let told = 0;
  const progress = { everyMs: 5, tell: () => (told += 1) };
  const asked = guard.ask("end", 100, () => work.promise, progress);
  await clock.advance(17);
  work.resolve("yes");
  assert.deepEqual(await asked, { kind: "value", value: "yes" });
  await clock.advance(50);
  assert.deepEqual([told, clock.pending()], [3, 0]);
});

test("leave: what is waited for is given up without a word, and nothing is begun", async () => {
  const { clock, failures, guard } = rig();
  const work = Promise.withResolvers<string>();
  const asked = [
    guard.ask("end", 100, () => work.promise),
    guard.ask("rcpt", 100, () => work.promise),
  ];
  guard.leave();
  assert.deepEqual(await Promise.all(asked), [{ kind: "gone" }, { kind: "gone" }]);
  work.reject(broken);
  await settle();
  assert.deepEqual(await guard.ask("rcpt", 100, assert.fail), { kind: "gone" });
  assert.deepEqual(guard.tell("rcpt", assert.fail), { kind: "gone" });
  assert.deepEqual([failures, clock.pending()], [[], 0]);
});

test("tell: gives what the filter gives; what it throws is told", () => {
  const { failures, guard } = rig();
  assert.deepEqual(
    guard.tell("body", () => "enough"),
    { kind: "value", value: "enough" },
  );
  const result = guard.tell("body", () => {
    throw broken;
  });
  assert.deepEqual(result, { kind: "failed", why: "threw" });
  assert.deepEqual(failures, [{ kind: "handler-error", error: broken, stage: "body" }]);
});
