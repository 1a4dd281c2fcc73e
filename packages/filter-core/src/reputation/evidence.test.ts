import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EVIDENCE_KINDS, type EvidenceKind } from "../policy/evidence-kinds.ts";
import { honest } from "../testing/samples.ts";
import { stillCounts, touchedBy } from "./evidence.ts";
import { identitiesOf } from "./identity.ts";

const everybody = identitiesOf(honest, []);

const touched: readonly [EvidenceKind, readonly string[]][] = [
  ["clean", ["domain", "dkim", "spf", "address", "network"]],
  ["refused", ["address", "network"]],
  ["markedSpam", ["domain", "dkim", "spf", "address", "network"]],
  ["unknownRecipient", ["address", "network"]],
  ["misconfigured", ["address", "network"]],
  ["writtenTo", ["domain"]],
];
for (const [kind, of] of touched) {
  test(`touchedBy: ${kind} says something of ${of.join(", ")}`, () =>
    assert.deepEqual(
      touchedBy(kind, everybody).map((one) => one.kind),
      of,
    ));
}

test("stillCounts: up to the cap of the day, whatever the portions", () => {
  const caps = Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, 20])) as Record<
    EvidenceKind,
    number
  >;
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 })), (portions) => {
      let counted = 0;
      for (const amount of portions) counted += stillCounts("clean", amount, counted, caps);
      const offered = portions.reduce((sum, amount) => sum + amount, 0);
      assert.equal(counted, Math.min(20, offered));
    }),
  );
});
