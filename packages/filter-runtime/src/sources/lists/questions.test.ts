import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { honestly } from "./testing/list-stage.ts";
import { client, connect, hash, warm } from "./testing/traffic-stage.ts";

/**
 * What a list operator sees of us: questions for each client, its own included, by the share that is listed and the
 * clients a second. With few clients a second a look is shared by few: 2.7 questions a second are the most, 230,000 a
 * day.
 */
const most: readonly { readonly perSecond: number; readonly questions: Record<number, number> }[] =
  [
    { perSecond: 100, questions: { 5: 1.2, 30: 1.2, 60: 1.2, 85: 1.2, 95: 1.2 } },
    { perSecond: 10, questions: { 5: 1.3, 30: 1.4, 60: 1.6, 85: 1.9, 95: 1.9 } },
    { perSecond: 1, questions: { 5: 1.5, 30: 3.3, 60: 3.7, 85: 3.7, 95: 3.7 } },
  ];
for (const { perSecond, questions } of most) {
  for (const [percent, limit] of Object.entries(questions)) {
    test(`createListSource: ${perSecond} clients a second, ${percent} % listed: at most ${limit} questions a client`, async (t) => {
      always(t);
      const stage = await warm();
      const count = perSecond === 1 ? 500 : 1_000;
      const listed = Array.from({ length: count }, (_, i) => client(82, i)).filter(
        (address) => hash(address) % 100 < Number(percent),
      );
      stage.world.behaviour = honestly(Object.fromEntries(listed.map((one) => [one, "127.0.0.4"])));
      stage.asked.length = 0;
      const { believed } = await connect(stage, 82, count, client, 1_000 / perSecond);
      assert.equal(believed, listed.length);
      const perClient = stage.asked.length / count;
      t.diagnostic(`${perClient.toFixed(2)} questions a client`);
      assert.ok(perClient <= limit, `${perClient} questions a client`);
    });
  }
}

/** The walk through the control addresses starts at random. */
function always(t: TestContext): void {
  t.mock.method(Math, "random", () => 0.5);
}
