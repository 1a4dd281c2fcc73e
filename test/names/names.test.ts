import assert from "node:assert/strict";
import { test } from "node:test";
import { FLOOR, scoreOf } from "./score.ts";
import { heldOut, table } from "./table.ts";

for (const [title, names] of Object.entries({ "the table": table, "held out": heldOut })) {
  const score = scoreOf(names);
  test(`generic names, ${title}: enough of them are recognized`, () => {
    assert.ok(score.recall >= FLOOR.recall, `recall is ${score.recall}`);
  });
  test(`generic names, ${title}: no mail server is taken for a line`, () => {
    const names = score.mailTakenForLines.map(
      ({ name, got, reason }) => `${name} ${got} ${reason}`,
    );
    assert.ok(names.length <= FLOOR.mailTakenForLines, names.join("\n"));
  });
}
