import assert from "node:assert/strict";
import { after, test } from "node:test";
import { applyChange } from "../apply-change.ts";
import type { Change, Fields, StateStore, StoreEvent } from "../port.ts";

/** A kind of store under test. */
export interface StoreUnderTest {
  /** A store without rows. */
  openEmpty(options: {
    readonly maxQueued?: number;
    readonly onEvent?: (event: StoreEvent) => void;
  }): Promise<StateStore>;
  /** Lets time pass for the rows of the store opened last. */
  passTime(seconds: number): Promise<void>;
  dispose(): Promise<void>;
}

const DAY = 20_781;
const TTL = 3_600;

function change(key: string, fields: Partial<Change>): Change {
  return { key, day: DAY, ttlSeconds: TTL, ...fields };
}

async function rowOf(store: StateStore, key: string): Promise<Fields | undefined> {
  const found = await store.read([key]);
  assert.equal(found.kind, "found", JSON.stringify(found));
  const row = found.kind === "found" ? found.rows.get(key) : undefined;
  return row && { ...row };
}

async function written(store: StateStore, ...changes: readonly Change[]): Promise<void> {
  store.write(changes);
  await store.flush();
}

/** What every store promises; `name` goes before each test. */
export function testStore(name: string, under: StoreUnderTest, skip: string | false = false): void {
  const check = (what: string, run: (store: StateStore) => Promise<void>) =>
    test(`${name}: ${what}`, { skip, timeout: 60_000 }, async () => {
      await using store = await under.openEmpty({});
      await run(store);
    });
  after(() => under.dispose());

  check("a key that nothing is known of is absent", async (store) => {
    await written(store, change("a", { add: { n: 1 } }));
    const found = await store.read(["a", "b"]);
    assert.ok(found.kind === "found");
    assert.deepEqual([...found.rows.keys()], ["a"]);
  });

  check("add, set, setOnce and max", async (store) => {
    await written(
      store,
      change("k", { add: { sum: 1.5 }, set: { last: 1 }, setOnce: { first: 7 }, max: { top: -3 } }),
      change("k", { add: { sum: 2 }, set: { last: 2 }, setOnce: { first: 9 }, max: { top: -5 } }),
      change("k", { add: { other: -1 }, max: { top: -2 } }),
    );
    const row = await rowOf(store, "k");
    assert.deepEqual(row, { sum: 3.5, last: 2, first: 7, top: -2, other: -1 });
  });

  check("sums keep fractions and 2^200, in any order", async (store) => {
    const values = [2 ** 200, 0.1, 1e36, 0.5e36, 3 * 2 ** 199, 1e-20, 1.25e17, 2 ** -40];
    const large = values.map((value) => change("up", { add: { n: value } }));
    const back = values.toReversed().map((value) => change("down", { add: { n: value } }));
    const small = [1e-20, 1e-20, 0.1 / 3].map((value) => change("small", { add: { n: value } }));
    await written(store, ...large, ...back, ...small);
    const sum = values.reduce((total, value) => total + value, 0);
    for (const key of ["up", "down"]) isClose((await rowOf(store, key))?.["n"], sum);
    isClose((await rowOf(store, "small"))?.["n"], 0.1 / 3 + 2e-20);
    await written(
      store,
      change("tiny", { add: { n: 1e-20 } }),
      change("tiny", { add: { n: 1e-20 } }),
    );
    isClose((await rowOf(store, "tiny"))?.["n"], 2e-20);
  });

  check("a row goes when its time is over, and a write gives it more", async (store) => {
    await written(store, change("a", { add: { n: 1 } }), change("b", { add: { n: 1 } }));
    await under.passTime(TTL - 600);
    await written(store, change("b", { add: { n: 1 } }));
    await under.passTime(1_200);
    assert.equal(await rowOf(store, "a"), undefined);
    assert.deepEqual(await rowOf(store, "b"), { n: 2 });
    await written(store, change("a", { add: { n: 5 } }));
    assert.deepEqual(await rowOf(store, "a"), { n: 5 });
  });

  check("a shorter time does not shorten the one that was promised", async (store) => {
    await written(store, change("a", { add: { n: 1 } }));
    await written(store, change("a", { add: { n: 1 }, ttlSeconds: 1 }));
    await under.passTime(TTL - 600);
    assert.deepEqual(await rowOf(store, "a"), { n: 2 });
  });

  check("what is malformed is counted, and the rest is written", async (store) => {
    const bad: Change[] = [
      change("", { add: { n: 1 } }),
      change("two words", { add: { n: 1 } }),
      change("nul\0", { add: { n: 1 } }),
      change("\xfc", { add: { n: 1 } }),
      change("x".repeat(301), { add: { n: 1 } }),
      change("k", { add: { n: Number.NaN } }),
      change("k", { add: { n: Number.POSITIVE_INFINITY } }),
      change("k", { add: JSON.parse('{"__proto__":1}') }),
      change("k", { add: { "a=1;b": 1 } }),
      change("k", { add: { n: 1 }, set: { n: 1 } }),
      change("k", {}),
      change("k", { add: { n: 1 }, ttlSeconds: 0 }),
      change("k", { add: { n: 1 }, day: 0.5 }),
    ];
    await written(store, ...bad, change("x".repeat(300), { add: { n: 1 } }));
    assert.deepEqual(await rowOf(store, "x".repeat(300)), { n: 1 });
    assert.equal(await rowOf(store, "k"), undefined);
    assert.deepEqual([store.counters().invalid, store.counters().written], [bad.length, 1]);
  });

  check("keys and fields that mean something elsewhere", async (store) => {
    const keys = ["__proto__", "a}b{c", "'; DROP TABLE entry; --".replaceAll(" ", "_"), "*", "{}"];
    await written(store, ...keys.map((key) => change(key, { add: { constructor: 1, n: 2 } })));
    for (const key of keys) assert.deepEqual(await rowOf(store, key), { constructor: 1, n: 2 });
    const found = await store.read(["*"]);
    const row = found.kind === "found" ? found.rows.get("*") : undefined;
    assert.equal(row?.["toString"], undefined);
  });

  check(
    "a row takes 64 fields and finite sums; a change it refuses leaves it alone",
    async (store) => {
      const many = Object.fromEntries(
        Array.from({ length: 64 }, (_, index) => [`f${index}`, index]),
      );
      await written(store, change("full", { add: many }), change("full", { add: { more: 1 } }));
      await written(
        store,
        change("big", { add: { n: 1e308 } }),
        change("big", { add: { n: 1e308 } }),
      );
      assert.deepEqual(await rowOf(store, "full"), many);
      assert.deepEqual(await rowOf(store, "big"), { n: 1e308 });
      assert.deepEqual([store.counters().refused, store.counters().written], [2, 2]);
    },
  );

  check("list gives what begins so, in order, and says when there is more", async (store) => {
    const keys = ["b:2", "a:1", "b:1", "b*3", "b:3"];
    await written(store, ...keys.map((key) => change(key, { set: { n: 1 } })));
    const keysOf = async (prefix: string, limit: number) => {
      const listed = await store.list(prefix, limit);
      assert.ok(listed.kind === "found");
      return { keys: listed.rows.map(({ key }) => key), isCut: listed.isCut };
    };
    assert.deepEqual(await keysOf("b:", 10), { keys: ["b:1", "b:2", "b:3"], isCut: false });
    assert.deepEqual(await keysOf("b*", 10), { keys: ["b*3"], isCut: false });
    assert.deepEqual(await keysOf("", 5), { keys: [...keys].sort(), isCut: false });
    const cut = await keysOf("b:", 2);
    assert.deepEqual([cut.keys.length, cut.isCut], [2, true]);
  });

  check("forget removes a row, also one whose change is still queued", async (store) => {
    store.write([change("a", { add: { n: 1 } })]);
    assert.equal(await store.forget("a"), true);
    assert.equal(await store.forget("a"), false);
    assert.equal(await rowOf(store, "a"), undefined);
  });

  check("a random history ends as the same history in a map", async (store) => {
    const random = randomFrom(20261124);
    const model = new Map<string, Map<string, number>>();
    const history = Array.from({ length: 3_000 }, () => {
      const kind = (["add", "set", "setOnce", "max"] as const)[Math.floor(random() * 4)] ?? "add";
      const value = (random() - 0.5) * 2 ** Math.floor(random() * 120);
      const name = `f${Math.floor(random() * 6)}`;
      return change(`k${Math.floor(random() * 40)}`, { [kind]: { [name]: value } });
    });
    for (const one of history) {
      const fields = model.get(one.key) ?? new Map<string, number>();
      model.set(one.key, fields);
      applyChange(fields, one);
    }
    await written(store, ...history);
    const found = await store.read([...model.keys()]);
    assert.ok(found.kind === "found");
    assert.equal(found.rows.size, model.size);
    for (const [key, fields] of model) {
      assert.deepEqual({ ...found.rows.get(key) }, Object.fromEntries(fields));
    }
  });

  check("a closed store answers, and takes nothing", async (store) => {
    store.write([change("a", { add: { n: 1 } })]);
    await store.close();
    store.write([change("a", { add: { n: 1 } })]);
    assert.equal((await store.read(["a"])).kind, "unavailable");
    const { written: kept, dropped, queued } = store.counters();
    assert.deepEqual({ kept, dropped, queued }, { kept: 1, dropped: 1, queued: 0 });
  });

  test(`${name}: the queue is bounded, and says once that it is full`, { skip }, async () => {
    const events: StoreEvent[] = [];
    const onEvent = (event: StoreEvent) => void events.push(event);
    await using store = await under.openEmpty({ maxQueued: 10, onEvent });
    store.write(Array.from({ length: 25 }, () => change("a", { add: { n: 1 } })));
    await store.flush();
    assert.deepEqual(await rowOf(store, "a"), { n: 10 });
    assert.equal(store.counters().dropped, 15);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["dropping"],
    );
  });
}

function isClose(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined, "the field is absent");
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual}, not ${expected}`);
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
