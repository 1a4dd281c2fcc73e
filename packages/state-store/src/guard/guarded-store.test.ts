import assert from "node:assert/strict";
import { test } from "node:test";
import { type Applied, type Backend, StoreFault } from "../backend.ts";
import type { StoreEvent } from "../port.ts";
import { fakeClock } from "../testing/fake-clock.ts";
import { GuardedStore } from "./guarded-store.ts";

const CHANGE = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 60 };
const NOTHING = { rows: new Map(), unreadable: null };
const slow = new StoreFault("slow", { batch: "not-applied", weight: "suspicion" });
const broken = new StoreFault("broken", { batch: "not-applied", weight: "proof" });

/** A store whose backend does what the test says. */
function rig(behaviour: Partial<Backend>) {
  const clock = fakeClock();
  const events: StoreEvent[] = [];
  const batches: number[] = [];
  const backend: Backend = {
    name: "scripted",
    read: async () => NOTHING,
    apply: async (changes): Promise<Applied> => {
      batches.push(changes.length);
      return { written: changes.length, refused: 0, unreadable: null };
    },
    list: async () => ({ rows: [], isCut: false }),
    forget: async () => "absent",
    probe: async () => {},
    close: async () => {},
    ...behaviour,
  };
  const onEvent = (event: StoreEvent) => void events.push(event);
  const store = new GuardedStore(backend, { clock, readDeadlineMs: 50, maxQueued: 2_000, onEvent });
  return { clock, store, events, batches };
}

test("a read that gets no answer ends at its deadline, not before", async () => {
  const { clock, store } = rig({ read: () => new Promise(() => {}) });
  let answer: unknown;
  void store.read(["k"]).then((found) => {
    answer = found;
  });
  await clock.advance(49);
  assert.equal(answer, undefined);
  await clock.advance(1);
  assert.deepEqual(answer, { kind: "unavailable", reason: "no answer in time" });
  assert.equal(store.counters().late, 1);
});

test("a read whose caller waits longer has a deadline of its own", async () => {
  const { clock, store } = rig({ read: () => new Promise(() => {}) });
  let answer: unknown;
  void store.read(["k"], 5_000).then((found) => {
    answer = found;
  });
  await clock.advance(4_999);
  assert.equal(answer, undefined);
  await clock.advance(1);
  assert.deepEqual(answer, { kind: "unavailable", reason: "no answer in time" });
});

test("five failures in a row open the breaker; an answer in between begins anew", async () => {
  let isBad = true;
  let asked = 0;
  const { store, events } = rig({
    read: async () => {
      asked += 1;
      if (isBad) throw slow;
      return NOTHING;
    },
  });
  for (let count = 0; count < 4; count += 1) await store.read(["k"]);
  isBad = false;
  assert.equal((await store.read(["k"])).kind, "found");
  isBad = true;
  for (let count = 0; count < 4; count += 1) await store.read(["k"]);
  assert.deepEqual(events, []);
  await store.read(["k"]);
  assert.deepEqual(events, [{ kind: "down", store: "scripted", reason: "slow" }]);
  isBad = false;
  assert.equal((await store.read(["k"])).kind, "unavailable");
  assert.equal(asked, 10);
});

test("reads that succeed do not hide writes that fail", async () => {
  const { clock, store, events } = rig({
    apply: async () => {
      throw slow;
    },
  });
  store.write([CHANGE]);
  for (let count = 0; count < 5; count += 1) {
    await clock.advance(100);
    await store.read(["k"]);
  }
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down"],
  );
});

test("a store that is down is probed every five seconds; what was queued is written when it is up", async () => {
  let fault: StoreFault | undefined = broken;
  let probes = 0;
  const { clock, store, events, batches } = rig({
    read: async () => {
      throw broken;
    },
    probe: async () => {
      probes += 1;
      if (fault !== undefined) throw fault;
    },
  });
  await store.read(["k"]);
  store.write([CHANGE, CHANGE]);
  await clock.advance(4_999);
  assert.equal(probes, 0);
  await clock.advance(10_001);
  assert.equal(probes, 3);
  assert.deepEqual(batches, []);
  fault = undefined;
  await clock.advance(5_000);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down", "up"],
  );
  assert.deepEqual(batches, [2]);
});

test("a probe that hangs is not the last one", async () => {
  let probes = 0;
  const { clock, store, events } = rig({
    read: async () => {
      throw broken;
    },
    probe: () => {
      probes += 1;
      return probes === 1 ? new Promise(() => {}) : Promise.resolve();
    },
  });
  await store.read(["k"]);
  await clock.advance(14_000);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down", "up"],
  );
});

test("changes go 100 ms after the first, or 500 at a time", async () => {
  const { clock, store, batches } = rig({});
  store.write([CHANGE]);
  await clock.advance(99);
  assert.deepEqual(batches, []);
  await clock.advance(1);
  assert.deepEqual(batches, [1]);
  store.write(Array.from({ length: 1_200 }, () => CHANGE));
  await clock.advance(0);
  assert.deepEqual(batches, [1, 500, 500]);
  await clock.advance(100);
  assert.deepEqual(batches, [1, 500, 500, 200]);
});

test("one batch at a time, also while several wait for it to be flushed", async () => {
  let under = 0;
  let most = 0;
  const { clock, store } = rig({
    apply: async (changes) => {
      under += 1;
      most = Math.max(most, under);
      await new Promise<void>((resolve) => void clock.after(5, resolve));
      under -= 1;
      return { written: changes.length, refused: 0, unreadable: null };
    },
  });
  store.write(Array.from({ length: 1_700 }, () => CHANGE));
  const flushed = Promise.all([store.flush(), store.flush()]);
  await clock.advance(1_000);
  await flushed;
  assert.equal(most, 1);
  assert.deepEqual([store.counters().written, store.counters().queued], [1_700, 0]);
});

test("what a batch that was not applied held comes first, and once", async () => {
  const seen: number[][] = [];
  const { clock, store } = rig({
    apply: async (changes) => {
      seen.push(changes.map(({ day }) => day));
      if (seen.length === 1) throw slow;
      return { written: changes.length, refused: 0, unreadable: null };
    },
  });
  store.write([1, 2].map((day) => ({ ...CHANGE, day })));
  await store.flush();
  store.write([{ ...CHANGE, day: 3 }]);
  await clock.advance(100);
  assert.deepEqual(seen, [
    [1, 2],
    [1, 2, 3],
  ]);
});

const busy = new StoreFault("busy", { batch: "not-applied", weight: "busy" });

/** A store whose file is held by others for a while. */
function busyFor(times: number) {
  const written: number[] = [];
  const parts = rig({
    apply: async (changes) => {
      times -= 1;
      if (times >= 0) throw busy;
      written.push(changes.length);
      return { written: changes.length, refused: 0, unreadable: null };
    },
  });
  return { ...parts, written };
}

test("a store that is busy while it is closed is asked again, and nothing is lost", async () => {
  const { clock, store, written } = busyFor(30);
  store.write([CHANGE, CHANGE]);
  const closed = store.close();
  await clock.advance(9_000);
  await closed;
  assert.deepEqual(written, [2]);
  const { dropped, queued } = store.counters();
  assert.deepEqual({ dropped, queued }, { dropped: 0, queued: 0 });
});

test("a store that is busy for longer than a close may take: what was lost is counted", async () => {
  const { clock, store, written } = busyFor(1_000);
  store.write([CHANGE, CHANGE]);
  let isClosed = false;
  void store.close().then(() => {
    isClosed = true;
  });
  await clock.advance(9_000);
  assert.equal(isClosed, false);
  await clock.advance(2_000);
  assert.equal(isClosed, true);
  assert.deepEqual(written, []);
  const { dropped, queued } = store.counters();
  assert.deepEqual({ dropped, queued }, { dropped: 2, queued: 0 });
});

test("a store that cannot be used is not waited for at its close", async () => {
  const { store } = rig({
    apply: async () => {
      throw broken;
    },
  });
  store.write([CHANGE]);
  await store.close();
  assert.equal(store.counters().dropped, 1);
});

test("a store that takes long to open gets what waited for it, also if it is closed by then", async () => {
  let open = (): void => {};
  const { clock, store, batches } = rig({
    probe: () =>
      new Promise<void>((resolve) => {
        open = resolve;
      }),
  });
  const begun = store.begin(2_000);
  await clock.advance(2_000);
  await begun;
  assert.equal(store.counters().state, "down");
  store.write([CHANGE]);
  const closed = store.close();
  open();
  await clock.advance(1_000);
  await closed;
  assert.deepEqual(batches, [1]);
});

test("a batch that comes back after the close is not sent again, and is counted", async () => {
  let fail = (): void => {};
  let asked = 0;
  const { clock, store } = rig({
    apply: () => {
      asked += 1;
      return new Promise((_, reject) => {
        fail = () => reject(slow);
      });
    },
    close: async () => fail(),
  });
  store.write([CHANGE, CHANGE]);
  const closed = store.close();
  await clock.advance(10_000);
  await closed;
  await clock.advance(60_000);
  assert.equal(asked, 1);
  const { dropped, unconfirmed, queued } = store.counters();
  assert.deepEqual({ dropped, unconfirmed, queued }, { dropped: 2, unconfirmed: 0, queued: 0 });
});

test("a backend that throws at once, and a listener that throws, harm nobody", async () => {
  const { clock } = rig({});
  const backend = new Proxy({ name: "thrower" } as Backend, {
    get: (target, key) => (key === "name" ? target.name : undefined),
  });
  const store = new GuardedStore(backend, {
    clock,
    readDeadlineMs: 50,
    maxQueued: 10,
    onEvent: () => {
      throw new Error("listener");
    },
  });
  for (let count = 0; count < 6; count += 1) {
    assert.equal((await store.read(["k"])).kind, "unavailable");
  }
  store.write([CHANGE]);
  await store.flush();
  await store.close();
  assert.equal(store.counters().state, "down");
  assert.equal(store.counters().dropped, 1);
});

test("more keys than a read may have", async () => {
  const { store } = rig({});
  const found = await store.read(Array.from({ length: 257 }, (_, index) => `k${index}`));
  assert.deepEqual(found, { kind: "unavailable", reason: "257 keys, allowed are 256" });
});
