import assert from "node:assert/strict";
import { test } from "node:test";
import type { PortScript } from "@postern/smtp-filter/testing";
import { converse, LINES, PLAIN, PROCEEDING } from "./testing/converse.ts";
import { Dialogue } from "./testing/dialogue.ts";
import { Rig, type RigOptions } from "./testing/rig.ts";

const never = (): Promise<never> => new Promise(() => {});
const LATER = "451 4.3.0 our filter has a problem, please try again later";

const throwing = () => {
  throw new Error("a bug of the port");
};
const faults: readonly [string, PortScript][] = [
  ["open", { open: throwing }],
  ["greet", { greet: throwing }],
  ["hello", { hello: throwing }],
  ["mail", { mail: throwing }],
  ["rcpt", { rcpt: throwing }],
  ["message", { message: throwing }],
  ["begun", { begun: throwing }],
  ["header", { header: throwing }],
  ["body", { body: throwing }],
  ["end", { end: throwing }],
];
for (const [name, script] of faults) {
  test(`case 22: ${name} of the port throws: default answers, the message byte for byte`, async () => {
    const accepting = new Rig(script);
    assert.deepEqual(await converse(accepting, 0), PROCEEDING);
    assert.ok(accepting.errors.length > 0);
    const answers = await converse(new Rig(script, { onFailure: "tempfail" }), 0);
    const refused = answers.filter((answer) => !answer.endsWith("proceed"));
    assert.ok(refused.length > 0);
    for (const answer of refused) assert.match(answer, /(?:reject 451|disconnect 421) 4\.3\.0 /);
  });
}

const shimFaults: readonly [string, RigOptions][] = [
  [
    "onEvent",
    {
      onEvent() {
        throw new Error("a bug of who listens");
      },
    },
  ],
  [
    "startTimer",
    {
      startTimer() {
        throw new Error("no timer");
      },
    },
  ],
];
for (const [name, options] of shimFaults) {
  test(`case 22: ${name} throws: every request is answered`, async () => {
    assert.deepEqual(await converse(new Rig({ rcpt: throwing }, options), 0), PROCEEDING);
  });
}

test("case 22: the way to the engine throws, at every single message", async () => {
  for (let from = 0; from < 14; from += 1) {
    const rig = new Rig();
    const { send } = rig.link;
    let count = 0;
    rig.link.send = (message) => {
      count += 1;
      if (count > from) throw new Error("no channel");
      send(message);
    };
    assert.deepEqual(await converse(rig, 70_000), PROCEEDING, `from message ${from}`);
  }
});

test("case 22: an exception from nowhere: what is open is answered, what is held goes back", async () => {
  for (const [onFailure, commit] of [
    ["accept", "commit proceed"],
    ["tempfail", `commit reject ${LATER}`],
  ] as const) {
    const rig = new Rig({ greet: async () => ({ kind: "continue" }), end: never }, { onFailure });
    const [a, b] = [new Dialogue(), new Dialogue("0.7", "00000000000000b2")];
    const [c] = [new Dialogue("0.7", "00000000000000c3")];
    await rig.say(a.greeted(), a.mail(), a.rcpt(), a.data(...LINES));
    await rig.say(b.greeted(), b.mail(), b.rcpt(), b.request("data"), b.line("A: b"));
    await rig.say(c.greeted());
    rig.translator.fault(new Error("from nowhere"));
    await rig.say(b.line(""), b.line("c"), b.line("."));
    await rig.say(a.request("commit"), b.request("commit"));
    assert.deepEqual(rig.answers().slice(-2), [commit, commit]);
    assert.deepEqual(
      rig.smtpd.messages.map(({ lines }) => lines),
      [PLAIN, ["A: b", "", "c"]],
    );
    assert.deepEqual(rig.smtpd.owed(), []);
  }
});
