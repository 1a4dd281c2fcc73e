import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderFacts } from "../facts/authentication.ts";
import { honest, plainHeader } from "../testing/samples.ts";
import { idsSeen } from "../testing/seen.ts";
import { bulkRules } from "./bulk.ts";

const bulk: HeaderFacts = { ...plainHeader, hasHttpsUnsubscribe: true };

const cases: readonly [string, HeaderFacts, readonly string[]][] = [
  ["a letter", plainHeader, []],
  ["bulk mail without one click", bulk, ["bulk.no-one-click"]],
  ["bulk mail with one click", { ...bulk, hasOneClick: true }, []],
  ["a discussion list", { ...bulk, hasListPost: true }, []],
  ["List-Id alone makes no discussion", { ...bulk, hasListId: true }, ["bulk.no-one-click"]],
];
for (const [name, header, ids] of cases) {
  test(`bulk.no-one-click: ${name}`, () =>
    assert.deepEqual(idsSeen(bulkRules, { ...honest, header }), ids));
}

test("bulk.no-one-click: nothing before the header is known", () => {
  const { header: _, ...facts } = honest;
  assert.deepEqual(idsSeen(bulkRules, facts), []);
});
