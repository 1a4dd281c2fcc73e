import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import { type DnsAnswer, type DnsFault, fault, found } from "../answer/answer.ts";
import { question } from "../testing/dns-stage.ts";
import { type BreakerState, breaker, type ProbeResult } from "./breaker.ts";

/** A breaker over one answer for everything and a resolver that is there or not; both can be changed. */
function untriedStack() {
  const clock = fakeClock();
  const world = { answer: fault("timeout"), probe: "silent" as ProbeResult };
  const changes: BreakerState[] = [];
  let asked = 0;
  const guarded = breaker(
    async () => {
      asked += 1;
      return world.answer;
    },
    clock,
    { probe: async () => world.probe, onChange: (state) => changes.push(state) },
  );
  const askZones = async (count: number, prefix = "zone") => {
    const answers: DnsAnswer[] = [];
    for (let i = 0; i < count; i += 1) {
      answers.push(await guarded.ask(question(`mail.${prefix}${i}.test`)));
    }
    await settle();
    return answers;
  };
  return { clock, world, changes, guarded, askZones, asked: () => asked };
}

/** The same when the resolver has given its first good answer. */
async function stack() {
  const stacked = untriedStack();
  stacked.world.answer = found(["x"]);
  await stacked.askZones(1, "first");
  stacked.world.answer = fault("timeout");
  stacked.changes.length = 0;
  return stacked;
}

const EARLY: readonly { probe: ProbeResult; state: BreakerState }[] = [
  { probe: "answers", state: "closed" },
  { probe: "errors", state: "erring" },
  { probe: "silent", state: "open" },
];
for (const { probe, state } of EARLY) {
  test(`breaker: its first probe ${probe}: ${state}`, async () => {
    const { world, guarded } = untriedStack();
    assert.equal(guarded.state(), "untried");
    world.probe = probe;
    assert.equal(await guarded.probe(), probe);
    assert.equal(guarded.state(), state);
  });
}

for (const answer of [found(["x"]), { status: "none", reason: "nxdomain" } as const]) {
  test(`breaker: the first good answer closes it: ${answer.status}`, async () => {
    const { world, guarded, askZones, changes } = untriedStack();
    world.answer = answer;
    assert.deepEqual(await askZones(1), [answer]);
    assert.equal(guarded.state(), "closed");
    assert.deepEqual(changes, ["closed"]);
  });
}

test("breaker: a resolver that has only ever answered errors is asked on, and never counts as good", async () => {
  const { clock, world, guarded, askZones, changes } = untriedStack();
  world.answer = fault("servfail");
  world.probe = "errors";
  await guarded.probe();
  assert.deepEqual(await askZones(20), Array(20).fill(fault("servfail")));
  await clock.advance(60_000);
  assert.deepEqual([guarded.state(), changes], ["erring", ["erring"]]);
  world.probe = "answers";
  await clock.advance(5_000);
  assert.deepEqual([guarded.state(), changes], ["closed", ["erring", "closed"]]);
  assert.equal(clock.pending(), 0);
});

test("breaker: silent at first, then with errors only, then good: open, erring, closed", async () => {
  const { clock, world, guarded, changes } = untriedStack();
  await guarded.probe();
  world.probe = "errors";
  await clock.advance(5_000);
  assert.equal(guarded.state(), "erring");
  world.probe = "answers";
  await clock.advance(5_000);
  assert.deepEqual(changes, ["open", "erring", "closed"]);
  assert.equal(clock.pending(), 0);
});

test("breaker: an error of the first zone asked for says nothing of the resolver", async () => {
  const { world, guarded, askZones, changes } = untriedStack();
  world.answer = fault("servfail");
  await askZones(1);
  assert.deepEqual([guarded.state(), changes], ["untried", []]);
});

test("breaker: five silent zones open it also where it was never probed", async () => {
  const { guarded, askZones } = untriedStack();
  await askZones(5);
  assert.equal(guarded.state(), "open");
});

test("breaker: errors after a first good answer are the senders' doing", async () => {
  const { world, guarded, askZones } = await stack();
  world.answer = fault("servfail");
  await askZones(20);
  assert.equal(guarded.state(), "closed");
});

/** One that has worked, and its probe too, and now answers everything with this error. */
async function turned(answer: DnsAnswer) {
  const stacked = await stack();
  stacked.world.probe = "answers";
  await stacked.guarded.probe();
  stacked.world.probe = "errors";
  stacked.world.answer = answer;
  return stacked;
}

for (const detail of ["servfail", "refused"] as const)
  test(`breaker: a resolver that turns to ${detail} for everything counts as down, and is asked on`, async () => {
    const { clock, world, guarded, askZones, changes } = await turned(fault(detail));
    await askZones(4);
    assert.equal(guarded.state(), "closed");
    assert.deepEqual(await askZones(6), Array(6).fill(fault(detail)));
    assert.deepEqual([guarded.state(), changes], ["erring", ["erring"]]);
    await clock.advance(60_000);
    assert.equal(guarded.state(), "erring");
    world.answer = found(["x"]);
    await askZones(1);
    assert.deepEqual(changes, ["erring", "closed"]);
    assert.equal(clock.pending(), 0);
  });

test("breaker: the probe of one that has turned to errors finds out by itself when it is over", async () => {
  const { clock, world, guarded, askZones } = await turned(fault("servfail"));
  await askZones(5);
  world.probe = "answers";
  await clock.advance(5_000);
  assert.equal(guarded.state(), "closed");
});

test("breaker: attackers' zones that all fail never count against a resolver whose probe is answered", async () => {
  const { world, guarded, askZones, changes } = await turned(fault("servfail"));
  world.probe = "answers";
  await askZones(5_000);
  assert.deepEqual([guarded.state(), changes], ["closed", []]);
  assert.equal(guarded.counters().probes, 1 + 1_000);
});

test("breaker: a resolver that refuses the probe to everybody is not down for a few failing zones", async () => {
  const { world, guarded, askZones } = await stack();
  world.probe = "errors";
  world.answer = fault("servfail");
  await askZones(20);
  assert.equal(guarded.state(), "closed");
});

test("breaker: a good answer of any zone starts the count of failing ones anew", async () => {
  const { world, guarded, askZones } = await turned(fault("servfail"));
  for (let round = 0; round < 5; round += 1) {
    world.answer = fault("servfail");
    await askZones(4, `r${round}`);
    world.answer = found(["x"]);
    await askZones(1);
  }
  assert.equal(guarded.counters().probes, 1);
});

test("breaker: a good answer that comes during the probe wins against its errors", async () => {
  const clock = fakeClock();
  const probe = Promise.withResolvers<"errors">();
  let isFirst = true;
  const guarded = breaker(
    async ({ name }) => (name.startsWith("good") ? found(["x"]) : fault("servfail")),
    clock,
    {
      probe: () => {
        if (!isFirst) return probe.promise;
        isFirst = false;
        return Promise.resolve("answers");
      },
    },
  );
  await guarded.probe();
  for (let i = 0; i < 5; i += 1) await guarded.ask(question(`evil${i}.test`));
  await guarded.ask(question("good.test"));
  probe.resolve("errors");
  await settle();
  assert.equal(guarded.state(), "closed");
});

test("breaker: one that was silent, and now answers its probe with errors, still counts as down", async () => {
  const { clock, world, guarded, askZones, changes } = await turned(fault("timeout"));
  world.probe = "silent";
  await askZones(5);
  world.probe = "errors";
  await clock.advance(5_000);
  assert.deepEqual([guarded.state(), changes], ["erring", ["open", "erring"]]);
});

test("breaker: five silent zones and a silent probe open it, and it then answers at once", async () => {
  const { guarded, askZones, changes, asked } = await stack();
  await askZones(4);
  assert.equal(guarded.state(), "closed");
  await askZones(5);
  assert.equal(guarded.state(), "open");
  assert.deepEqual(changes, ["open"]);
  const before = asked();
  assert.deepEqual(await guarded.ask(question("x.test")), fault("resolver down"));
  assert.equal(asked(), before);
  assert.equal(guarded.counters().spared, 1);
});

test("breaker: it probes every 5 s and closes by itself", async () => {
  const { clock, world, guarded, askZones, changes } = await stack();
  await askZones(5);
  await clock.advance(12_000);
  assert.equal(guarded.counters().probes, 3);
  world.probe = "answers";
  world.answer = found(["x"]);
  await clock.advance(2_999);
  assert.equal(guarded.state(), "open");
  await clock.advance(1);
  assert.deepEqual(changes, ["open", "closed"]);
  assert.deepEqual(await guarded.ask(question("x.test")), found(["x"]));
  assert.equal(clock.pending(), 0);
});

test("breaker: it can open again", async () => {
  const { clock, world, askZones, changes } = await stack();
  await askZones(5);
  world.probe = "answers";
  await clock.advance(5_000);
  world.probe = "silent";
  await askZones(4);
  assert.deepEqual(changes, ["open", "closed"]);
  await askZones(5);
  assert.deepEqual(changes, ["open", "closed", "open"]);
});

test("breaker: attackers' silent zones never open it while the probe answers", async () => {
  const { world, guarded, askZones } = await stack();
  world.probe = "answers";
  await askZones(5_000);
  assert.equal(guarded.state(), "closed");
  assert.equal(guarded.counters().spared, 0);
  assert.equal(guarded.counters().probes, 1_000);
});

test("breaker: many silent names of one zone raise no suspicion", async () => {
  const { guarded } = await stack();
  for (let i = 0; i < 500; i += 1) await guarded.ask(question(`a${i}.evil.test`));
  await settle();
  assert.equal(guarded.counters().probes, 0);
});

test("breaker: an answer of any zone starts the count anew", async () => {
  const { world, guarded, askZones } = await stack();
  for (let round = 0; round < 5; round += 1) {
    world.answer = fault("timeout");
    await askZones(4, `r${round}`);
    world.answer = fault("servfail");
    await askZones(1);
  }
  assert.equal(guarded.counters().probes, 0);
});

test("breaker: silence older than 10 s does not count", async () => {
  const { clock, guarded, askZones } = await stack();
  await askZones(4, "old");
  await clock.advance(10_001);
  await askZones(4, "new");
  assert.equal(guarded.counters().probes, 0);
  await askZones(1, "fifth");
  assert.equal(guarded.state(), "open");
});

test("breaker: an answer that comes during the probe wins against its silence", async () => {
  const clock = fakeClock();
  const probe = Promise.withResolvers<"silent">();
  const guarded = breaker(
    async ({ name }) => (name.startsWith("good") ? found(["x"]) : fault("timeout")),
    clock,
    { probe: () => probe.promise },
  );
  for (let i = 0; i < 5; i += 1) await guarded.ask(question(`evil${i}.test`));
  await guarded.ask(question("good.test"));
  probe.resolve("silent");
  await settle();
  assert.equal(guarded.state(), "closed");
});

test("breaker: a late answer closes it without waiting for the probe", async () => {
  const clock = fakeClock();
  const late = Promise.withResolvers<DnsAnswer>();
  const guarded = breaker(
    ({ name }) => (name === "late.test" ? late.promise : Promise.resolve(fault("timeout"))),
    clock,
    { probe: async () => "silent" },
  );
  void guarded.ask(question("late.test"));
  for (let i = 0; i < 5; i += 1) await guarded.ask(question(`a.z${i}.test`));
  await settle();
  for (let i = 0; i < 5; i += 1) await guarded.ask(question(`z${i}x.${i}`));
  await settle();
  assert.equal(guarded.state(), "open");
  late.resolve(found(["x"]));
  await settle();
  assert.equal(guarded.state(), "closed");
  assert.equal(clock.pending(), 0);
});

test("breaker: close() stops probing for good", async () => {
  const { clock, guarded, askZones } = await stack();
  await askZones(5);
  guarded.close();
  await clock.advance(60_000);
  assert.equal(guarded.counters().probes, 1);
  assert.equal(clock.pending(), 0);
});

const signs: readonly { detail: DnsFault; state: BreakerState }[] = [
  { detail: "timeout", state: "open" },
  { detail: "unreachable", state: "open" },
  { detail: "servfail", state: "closed" },
  { detail: "refused", state: "closed" },
  { detail: "bad answer", state: "closed" },
  { detail: "too many questions", state: "closed" },
  { detail: "network error", state: "closed" },
  { detail: "cancelled", state: "closed" },
  { detail: "closed", state: "closed" },
];
for (const { detail, state } of signs) {
  test(`breaker: everything ends as "${detail}": ${state}`, async () => {
    const { world, guarded, askZones } = await stack();
    world.answer = fault(detail);
    await askZones(20);
    assert.equal(guarded.state(), state);
  });
}
