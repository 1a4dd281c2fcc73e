import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock, settle } from "@postern/smtp-filter/testing";
import { fault, found } from "../answer/answer.ts";
import { openStage, question } from "../testing/dns-stage.ts";
import { limit } from "./limit.ts";
import { singleFlight } from "./single-flight.ts";

test("singleFlight: the same question is asked once, another one apart", async () => {
  const stage = openStage();
  const { ask, joined } = singleFlight(stage.ask);
  const first = ask(question("a.test"));
  const second = ask(question("a.test", 5));
  const other = ask(question("a.test", 5, "TXT"));
  assert.deepEqual(
    stage.opened.map((open) => open.question.type),
    ["A", "TXT"],
  );
  stage.opened[0]?.answer(found(["192.0.2.1"]));
  stage.opened[1]?.answer(fault("timeout"));
  assert.equal(await first, await second);
  assert.deepEqual(await other, fault("timeout"));
  assert.equal(joined(), 1);
});

test("singleFlight: asks again when the flight has ended", async () => {
  const stage = openStage();
  const { ask } = singleFlight(stage.ask);
  const first = ask(question("a.test"));
  stage.opened[0]?.answer(fault("servfail"));
  await first;
  void ask(question("a.test"));
  assert.equal(stage.opened.length, 2);
});

test("singleFlight: nobody shares a flight that waits behind another network's flood", async () => {
  const stage = openStage();
  const limits = { inFlight: 100, inFlightForOne: 2, waiting: 10 };
  const { ask } = singleFlight(limit(stage.ask, fakeClock(), limits).ask);
  for (const name of ["a.x1.test", "b.x2.test", "_dmarc.victim.example"])
    void ask({ ...question(name), asker: "flood" });
  void ask({ ...question("_dmarc.victim.example"), asker: "honest" });
  await settle();
  assert.deepEqual(
    stage.opened.map(({ question: { name, asker } }) => [name, asker]),
    [
      ["a.x1.test", "flood"],
      ["b.x2.test", "flood"],
      ["_dmarc.victim.example", "honest"],
    ],
  );
});

test("singleFlight: a question is dropped when the last who waits has gone, and not before", async () => {
  const stage = openStage();
  const { ask } = singleFlight(stage.ask);
  const [first, second] = [new AbortController(), new AbortController()];
  const asked = [first, second].map(({ signal }) => ask({ ...question("a.test"), signal }));
  await settle();
  assert.equal(stage.opened.length, 1);
  first.abort();
  assert.deepEqual(await asked[0], fault("cancelled"));
  assert.equal(stage.opened[0]?.question.signal?.aborted, false);
  second.abort();
  assert.deepEqual(await asked[1], fault("cancelled"));
  assert.equal(stage.opened[0]?.question.signal?.aborted, true);
});

test("singleFlight: who stays has the answer, with a signal or without", async () => {
  const stage = openStage();
  const { ask } = singleFlight(stage.ask);
  const [leaves, stays] = [new AbortController(), new AbortController()];
  void ask({ ...question("a.test"), signal: leaves.signal });
  const asked = [ask({ ...question("a.test"), signal: stays.signal }), ask(question("a.test"))];
  await settle();
  leaves.abort();
  stage.opened[0]?.answer(found(["192.0.2.1"]));
  assert.deepEqual(await Promise.all(asked), Array(2).fill(found(["192.0.2.1"])));
  stays.abort();
  assert.equal(stage.opened[0]?.question.signal?.aborted, false);
});

test("singleFlight: nobody joins a question that is being dropped", async () => {
  const stage = openStage();
  const { ask } = singleFlight(stage.ask);
  const leaves = new AbortController();
  void ask({ ...question("a.test"), signal: leaves.signal });
  await settle();
  leaves.abort();
  const later = ask(question("a.test"));
  await settle();
  stage.opened[0]?.answer(fault("cancelled"));
  stage.opened[1]?.answer(found(["192.0.2.1"]));
  assert.deepEqual(await later, found(["192.0.2.1"]));
});

test("singleFlight: who has gone already asks nothing", async () => {
  const stage = openStage();
  const { ask } = singleFlight(stage.ask);
  const answer = await ask({ ...question("a.test"), signal: AbortSignal.abort() });
  assert.deepEqual([answer, stage.opened.length], [fault("cancelled"), 0]);
});
