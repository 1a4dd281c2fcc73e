import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import fc from "fast-check";
import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import type { Ask } from "../answer/question.ts";
import { openStage, question } from "../testing/dns-stage.ts";
import { LIMITS, limit } from "./limit.ts";

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
  const { ask, counters } = limit(stage.ask, fakeClock(), {
    inFlight: 1,
    inFlightForOne: 9,
    waiting: 1,
  });
  void ask(question("first.test"));
  void ask(question("second.test"));
  assert.deepEqual(await ask(question("third.test")), fault("too many questions"));
  assert.deepEqual(counters(), { inFlight: 1, waiting: 1, turnedAway: 1 });
});

test("limit: the deadline of one that waits counts from asking", async () => {
  const clock = fakeClock();
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, clock, { inFlight: 1, inFlightForOne: 9, waiting: 9 });
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

/** A flood of one client network: names below ever new owners, whose servers are silent. */
const flood = (count: number, asker: string) =>
  Array.from({ length: count }, (_, i) => ({
    ...question(`mail.silent${i}-${asker}.test`),
    asker,
  }));

test("limit: a client network with silent zones takes ten places, and nobody waits behind it", async () => {
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, fakeClock(), LIMITS);
  for (const one of flood(500, "a")) void ask(one);
  await settle();
  assert.deepEqual(counters(), { inFlight: 10, waiting: 490, turnedAway: 0 });
  const honest = ask({ ...question("mail.example.com"), asker: "b" });
  await settle();
  assert.equal(stage.opened.at(-1)?.question.name, "mail.example.com");
  stage.opened.at(-1)?.answer(ANSWER);
  assert.deepEqual(await honest, ANSWER);
});

test("limit: the silent zones of one owner take ten places, whoever asks", async () => {
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, fakeClock(), LIMITS);
  for (let i = 0; i < 50; i += 1)
    void ask({ ...question(`n${i}.attacker.example`), asker: `network ${i}` });
  await settle();
  assert.deepEqual(counters(), { inFlight: 10, waiting: 40, turnedAway: 0 });
  stage.opened[0]?.answer(ANSWER);
  await settle();
  assert.equal(counters().inFlight, 10);
});

for (const suffix of ["gouv.fr", "eu.org", "info.pl", "co.uk"]) {
  test(`limit: silent zones below ${suffix} hold up nobody else below it`, async () => {
    const stage = openStage();
    const { ask, counters } = limit(stage.ask, fakeClock(), LIMITS);
    for (let i = 0; i < 50; i += 1)
      void ask({ ...question(`n${i}.attacker.${suffix}`), asker: `network ${i}` });
    await settle();
    assert.equal(counters().inFlight, 10);
    void ask({ ...question(`mail.honest.${suffix}`), asker: "b" });
    await settle();
    assert.equal(stage.opened.at(-1)?.question.name, `mail.honest.${suffix}`);
  });
}

test("limit: a zone that the site itself asks may have all places", async () => {
  const stage = openStage();
  const isOwnZone = (name: string) => name.endsWith(".zen.example");
  const { ask, counters } = limit(stage.ask, fakeClock(), LIMITS, { isOwnZone });
  for (let i = 0; i < 150; i += 1)
    void ask({ ...question(`${i}.zen.example`), asker: `network ${i}` });
  await settle();
  assert.deepEqual(counters(), { inFlight: 100, waiting: 50, turnedAway: 0 });
});

test("limit: a place that frees goes to the network with the fewest under way", async () => {
  const stage = openStage();
  const { ask } = limit(stage.ask, fakeClock(), { inFlight: 12, inFlightForOne: 10, waiting: 99 });
  for (const one of [...flood(20, "a"), ...flood(20, "b")]) void ask(one);
  await settle();
  assert.equal(stage.opened.filter(({ question: { asker } }) => asker === "b").length, 2);
  void ask({ ...question("mail.example.com"), asker: "c" });
  stage.opened[0]?.answer(ANSWER);
  await settle();
  assert.equal(stage.opened.at(-1)?.question.asker, "c");
});

test("limit: in a full line the greediest gives up his last for somebody else", async () => {
  const stage = openStage();
  let given = 0;
  const { ask, counters } = limit(
    stage.ask,
    fakeClock(),
    { inFlight: 1, inFlightForOne: 1, waiting: 5 },
    { onTurnedAway: () => (given += 1) },
  );
  const asked = flood(6, "a").map(ask);
  const honest = ask({ ...question("mail.example.com"), asker: "b" });
  assert.deepEqual(await asked[5], fault("too many questions"));
  assert.deepEqual(
    await ask({ ...question("late.test"), asker: "a" }),
    fault("too many questions"),
  );
  assert.deepEqual(counters(), { inFlight: 1, waiting: 5, turnedAway: 2 });
  assert.equal(given, 2);
  for (let n = 0; n < 6; n += 1) {
    stage.opened[n]?.answer(ANSWER);
    await settle();
  }
  assert.deepEqual(await honest, ANSWER);
});

/** The bottom, where a question that is dropped ends. */
function droppable() {
  const stage = openStage();
  const ask: Ask = (question) =>
    Promise.race([
      stage.ask(question),
      new Promise<DnsAnswer>((resolve) => {
        question.signal?.addEventListener("abort", () => resolve(fault("cancelled")));
      }),
    ]);
  return { ask, last: () => stage.opened.at(-1)?.question.name, stage };
}

test("limit: ten networks have all the places with silent zones: another one takes one from them, once they are silent for long", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask, counters } = limit(bottom.ask, clock, LIMITS);
  const floods = Array.from({ length: 10 }, (_, n) => flood(10, `${n}`).map(ask)).flat();
  await settle();
  assert.equal(counters().inFlight, 100);
  await clock.advance(400);
  const honest = ask({ ...question("mail.example.com"), asker: "honest" });
  await settle();
  assert.equal(bottom.last(), "mail.example.com");
  assert.deepEqual(await floods[0], fault("too many questions"));
  assert.deepEqual(counters(), { inFlight: 100, waiting: 0, turnedAway: 1 });
  bottom.stage.opened.at(-1)?.answer(ANSWER);
  assert.deepEqual(await honest, ANSWER);
});

test("limit: who waits for a question to be silent for long does not wait for its end", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask, counters } = limit(bottom.ask, clock, LIMITS);
  for (let n = 0; n < 10; n += 1) for (const one of flood(10, `${n}`)) void ask(one);
  void ask({ ...question("mail.example.com"), asker: "honest" });
  await clock.advance(300);
  assert.deepEqual(counters(), { inFlight: 100, waiting: 1, turnedAway: 0 });
  await clock.advance(300);
  assert.equal(bottom.last(), "mail.example.com");
});

test("limit: a place that frees goes to a newcomer, and not to a network that was silent in it", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask } = limit(bottom.ask, clock, { inFlight: 1, inFlightForOne: 1, waiting: 99 });
  for (const one of flood(2, "a")) void ask(one);
  await clock.advance(250);
  void ask({ ...question("mail.example.com"), asker: "honest" });
  await clock.advance(200);
  bottom.stage.opened[0]?.answer(fault("timeout"));
  await settle();
  assert.equal(bottom.last(), "mail.example.com");
});

test("limit: a late answer is an answer: who waits longest comes next", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask } = limit(bottom.ask, clock, { inFlight: 1, inFlightForOne: 1, waiting: 99 });
  for (const one of flood(2, "a")) void ask(one);
  await clock.advance(250);
  void ask({ ...question("mail.example.com"), asker: "honest" });
  await clock.advance(200);
  bottom.stage.opened[0]?.answer(ANSWER);
  await settle();
  assert.equal(bottom.last(), "mail.silent1-a.test");
});

test("limit: a site with a network for each silent question takes the places of nobody else", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask, counters } = limit(bottom.ask, clock, { ...LIMITS, waiting: 200 });
  const [asked, answered] = [[] as string[], [] as string[]];
  let networks = 0;
  for (let round = 0; round < 40; round += 1) {
    for (let i = 0; i < 60; i += 1) {
      networks += 1;
      const asker = `32.1.13.184.0.1.${networks >> 8}.${networks & 255}`;
      const name = `silent${networks}.test`;
      void ask({ ...question(name, clock.nowMs() + 2_000), asker });
    }
    const name = `honest${round}.example`;
    asked.push(name);
    void ask({ ...question(name, clock.nowMs() + 2_000), asker: `192.0.${round}` }).then(
      ({ status }) => status === "found" && answered.push(name),
    );
    for (let step = 0; step < 5; step += 1) {
      await clock.advance(20);
      for (const one of bottom.stage.opened)
        if (one.question.name.startsWith("honest")) one.answer(ANSWER);
    }
  }
  await clock.advance(2_000);
  assert.deepEqual(answered, asked);
  assert.equal(counters().waiting, 0);
});

test("limit: our own questions, and those that have answers soon, lose no place", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const limits = { inFlight: 2, inFlightForOne: 9, waiting: 9 };
  const { ask, counters } = limit(bottom.ask, clock, limits);
  void ask(question("ours.test"));
  await clock.advance(5_000);
  void ask({ ...question("quick.test"), asker: "a" });
  await clock.advance(200);
  void ask({ ...question("mail.example.com"), asker: "b" });
  await settle();
  assert.deepEqual(counters(), { inFlight: 2, waiting: 1, turnedAway: 0 });
});

test("limit: who has gone leaves the line at once, and is not counted as turned away", async () => {
  const clock = fakeClock();
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, clock, { inFlight: 1, inFlightForOne: 9, waiting: 9 });
  const goes = new AbortController();
  void ask(question("first.test"));
  const gone = ask({ ...question("second.test"), signal: goes.signal });
  const stays = ask(question("third.test"));
  goes.abort();
  assert.deepEqual(await gone, fault("cancelled"));
  assert.deepEqual(counters(), { inFlight: 1, waiting: 1, turnedAway: 0 });
  stage.opened[0]?.answer(ANSWER);
  await settle();
  assert.equal(stage.opened.at(-1)?.question.name, "third.test");
  stage.opened.at(-1)?.answer(ANSWER);
  assert.deepEqual(await stays, ANSWER);
  assert.equal(clock.pending(), 0);
});

test("limit: who has gone takes no place", async () => {
  const stage = openStage();
  const { ask, counters } = limit(stage.ask, fakeClock(), LIMITS);
  const answer = await ask({ ...question("a.test"), signal: AbortSignal.abort() });
  assert.deepEqual([answer, stage.opened.length], [fault("cancelled"), 0]);
  assert.deepEqual(counters(), { inFlight: 0, waiting: 0, turnedAway: 0 });
});

test("limit: any order of asking and answering leaves nothing behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("ask", "answer", "wait"), { maxLength: 60 }),
      async (steps) => {
        const clock = fakeClock();
        const stage = openStage();
        const { ask, counters } = limit(stage.ask, clock, {
          inFlight: 2,
          inFlightForOne: 9,
          waiting: 3,
        });
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

test("limit: who come together each have a place of another silent question", async () => {
  const clock = fakeClock();
  const bottom = droppable();
  const { ask, counters } = limit(bottom.ask, clock, {
    inFlight: 4,
    inFlightForOne: 4,
    waiting: 9,
  });
  for (const one of flood(4, "a")) void ask(one);
  await clock.advance(1_000);
  const honest = ["b", "c", "d"].map((asker) =>
    ask({ ...question(`mail.${asker}.example`), asker }),
  );
  await settle();
  assert.deepEqual(counters(), { inFlight: 4, waiting: 0, turnedAway: 3 });
  for (const one of bottom.stage.opened.slice(-3)) one.answer(ANSWER);
  assert.deepEqual(await Promise.all(honest), [ANSWER, ANSWER, ANSWER]);
});
