import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openStage, question } from "../testing/dns-stage.ts";
import { fakeClock, settle } from "../testing/fake-clock.ts";
import { LIMITS, limit } from "./limit.ts";
import { fault, found } from "./resolver.ts";

const ANSWER = found(["x"]);

test("limit: of 200 questions at once 100 are under way, the rest follow in their order", async () => {
  const clock = fakeClock();
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, clock, LIMITS);
  const answers = Array.from({ length: 200 }, (_, i) => ask(question(`${i}.test`)));
  await settle();
  assert.equal(stage.opened.length, 100);
  assert.deepEqual(counters(), { inFlight: 100, waiting: 100, turnedAway: 0 });
  for (let i = 0; i < 200; i += 1) {
    assert.equal(stage.opened[i]?.question.name, `${i}.test`);
    stage.opened[i]?.answer(ANSWER);
    await settle();
    assert.ok(counters().inFlight <= 100);
  }
  assert.deepEqual(new Set(await Promise.all(answers)), new Set([ANSWER]));
  assert.deepEqual(counters(), { inFlight: 0, waiting: 0, turnedAway: 0 });
  assert.equal(clock.pending(), 0);
});

test("limit: a full line turns away at once", async () => {
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, fakeClock(), { inFlight: 1, waiting: 1 });
  void ask(question("first.test"));
  void ask(question("second.test"));
  assert.deepEqual(await ask(question("third.test")), fault("too many questions"));
  assert.deepEqual(counters(), { inFlight: 1, waiting: 1, turnedAway: 1 });
});

test("limit: the deadline of one that waits counts from asking", async () => {
  const clock = fakeClock();
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, clock, { inFlight: 1, waiting: 9 });
  const first = ask(question("first.test", clock.nowMs() + 2_000));
  const second = ask(question("second.test", clock.nowMs() + 2_000));
  await clock.advance(1_999);
  assert.equal(counters().waiting, 1);
  await clock.advance(1);
  assert.deepEqual(await second, fault("too many questions"));
  stage.opened[0]?.answer(ANSWER);
  assert.deepEqual(await first, ANSWER);
  assert.equal(stage.opened.length, 1);
  assert.equal(counters().inFlight, 0);
});

test("limit: any order of asking and answering leaves nothing behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("ask", "answer", "wait"), { maxLength: 60 }),
      async (steps) => {
        const clock = fakeClock();
        const stage = openStage();
        const { ask, counters } = limit(stage.ask, clock, { inFlight: 2, waiting: 3 });
        const asked: Promise<unknown>[] = [];
        let answered = 0;
        for (const step of steps) {
          if (step === "ask") asked.push(ask(question("a.test", clock.nowMs() + 10)));
          if (step === "answer" && answered < stage.opened.length) {
            stage.opened[answered]?.answer(ANSWER);
            answered += 1;
          }
          await clock.advance(step === "wait" ? 4 : 0);
          assert.ok(counters().inFlight <= 2 && counters().waiting <= 3);
          assert.equal(counters().inFlight, stage.opened.length - answered);
        }
        while (answered < stage.opened.length) {
          stage.opened[answered]?.answer(ANSWER);
          answered += 1;
          await settle();
        }
        await Promise.all(asked);
        assert.deepEqual([counters().inFlight, counters().waiting, clock.pending()], [0, 0, 0]);
      },
    ),
    { numRuns: 50 },
  );
});
