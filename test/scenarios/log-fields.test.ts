import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExpectedLog, isLogged, readLogLine } from "./log-fields.ts";

const LINE =
  'a56ded3dd6cda8c2 postfix rcpt address=192.0.2.7 from=<a=b@example.com> action=reject result="550 5.7.25 debt=9 no" rules=rdns.none:10 queue=4fX1';

test("readLogLine: a value in quotes is one value, whatever stands in it", () => {
  const read = readLogLine(LINE) ?? assert.fail();
  assert.deepEqual([read.mta, read.stage], ["postfix", "rcpt"]);
  assert.deepEqual(Object.fromEntries(read.fields), {
    address: "192.0.2.7",
    from: "<a=b@example.com>",
    action: "reject",
    result: "550 5.7.25 debt=9 no",
    rules: "rdns.none:10",
    queue: "4fX1",
  });
  assert.equal(readLogLine("postern: listening on 192.0.2.1"), undefined);
});

for (const { name, expected, mta = "postfix", stages = ["rcpt"], fits } of [
  { name: "its fields", expected: { action: "reject", queue: "4fX1" }, fits: true },
  { name: "any stage", expected: { action: "reject" }, stages: [], fits: true },
  { name: "a field that is not there", expected: { would: null }, fits: true },
  { name: "the beginning of a value", expected: { address: "192.0.2" }, fits: false },
  { name: "a field that must not be there", expected: { queue: null }, fits: false },
  { name: "what stands in another field's quotes", expected: { debt: "9" }, fits: false },
  { name: "another stage", expected: {}, stages: ["message"], fits: false },
  { name: "another mail server", expected: {}, mta: "exim", fits: false },
] as readonly {
  readonly name: string;
  readonly expected: ExpectedLog;
  readonly mta?: string;
  readonly stages?: readonly string[];
  readonly fits: boolean;
}[])
  test(`isLogged: ${name}: ${fits}`, () => {
    assert.equal(isLogged(LINE, mta, stages, expected), fits);
  });
