import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, fakeClock } from "@postern/smtp-filter/testing";
import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import { question } from "../testing/dns-stage.ts";
import { CACHE_LIMITS, type CacheLimits, cache } from "./cache.ts";

function stack(answer: DnsAnswer, limits: CacheLimits = CACHE_LIMITS) {
  const clock: FakeClock = fakeClock();
  let asked = 0;
  const kept = cache(
    async () => {
      asked += 1;
      return answer;
    },
    clock,
    limits,
  );
  return { clock, kept, asked: () => asked };
}

const cases = [
  { name: "found is kept for 300 s", answer: found(["x"]), ms: 300_000, asked: 1 },
  { name: "found is asked again after 300 s", answer: found(["x"]), ms: 300_001, asked: 2 },
  { name: "nxdomain is kept for 60 s", answer: none("nxdomain"), ms: 60_000, asked: 1 },
  { name: "nodata is asked again after 60 s", answer: none("nodata"), ms: 60_001, asked: 2 },
  { name: "temperror is never kept", answer: fault("timeout"), ms: 0, asked: 2 },
] as const;
for (const { name, answer, ms, asked } of cases) {
  test(`cache: ${name}`, async () => {
    const { clock, kept, asked: count } = stack(answer);
    assert.deepEqual(await kept.ask(question("a.test")), answer);
    await clock.advance(ms);
    assert.deepEqual(await kept.ask(question("a.test")), answer);
    assert.equal(count(), asked);
  });
}

test("cache: types of one name are apart", async () => {
  const { kept, asked } = stack(found(["x"]));
  await kept.ask(question("a.test", 0, "A"));
  await kept.ask(question("a.test", 0, "TXT"));
  assert.equal(asked(), 2);
});

test("cache: holds no more entries than allowed", async () => {
  const { kept } = stack(found(["x"]), { ...CACHE_LIMITS, maxEntries: 10 });
  for (let i = 0; i < 30; i += 1) await kept.ask(question(`${i}.test`));
  assert.equal(kept.counters().entries, 10);
});

test("cache: holds no more bytes than allowed, and keeps no record above them", async () => {
  const { kept } = stack(found(["x".repeat(1_000)]), { ...CACHE_LIMITS, maxBytes: 5_000 });
  for (let i = 0; i < 30; i += 1) await kept.ask(question(`${i}.test`));
  assert.equal(kept.counters().entries, 4);
  assert.ok(kept.counters().bytes <= 5_000);
  const big = stack(found(["x".repeat(6_000)]), { ...CACHE_LIMITS, maxBytes: 5_000 });
  await big.kept.ask(question("big.test"));
  assert.equal(big.kept.counters().entries, 0);
});

test("cache: counts hits and misses", async () => {
  const { kept } = stack(found(["x"]));
  await kept.ask(question("a.test"));
  await kept.ask(question("a.test"));
  const { hits, misses } = kept.counters();
  assert.deepEqual({ hits, misses }, { hits: 1, misses: 1 });
});

function none(reason: "nxdomain" | "nodata"): DnsAnswer {
  return { status: "none", reason };
}
