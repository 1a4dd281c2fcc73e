import assert from "node:assert/strict";
import { test } from "node:test";
import { FLOOR, scoreOf } from "./score.ts";
import { heldOut, table } from "./table.ts";

for (const [title, names] of Object.entries({ "the table": table, "held out": heldOut })) {
  const score = scoreOf(names);
  test(`generic names, ${title}: enough of the lines are found`, () => {
    assert.ok(score.linesFound >= FLOOR.linesFound, `found: ${score.linesFound}`);
  });
  test(`generic names, ${title}: hardly a mail server is called dynamic`, () => {
    assert.ok(score.mailCalledDynamic <= FLOOR.mailCalledDynamic, `${score.mailCalledDynamic}`);
  });
  test(`generic names, ${title}: no name for mail is taken for a line`, () => {
    const taken = score.mailTakenForLines.map(
      ({ name, got, reason }) => `${name} ${got} ${reason}`,
    );
    assert.deepEqual(taken, []);
  });
}
