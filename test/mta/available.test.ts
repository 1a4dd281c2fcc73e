import assert from "node:assert/strict";
import { test } from "node:test";
import { type Availability, decideAvailability, type Machine } from "./available.ts";

const good: Machine = {
  isRoot: true,
  isDebian: true,
  namespaceFault: undefined,
  hasOverlay: true,
};

function sentence(availability: Availability): string {
  return availability.kind === "available" ? "" : availability.reason;
}

test("decideAvailability: root on Debian with namespaces and overlayfs", () => {
  assert.deepEqual(decideAvailability(good, {}), { kind: "available" });
  assert.deepEqual(decideAvailability(good, { CI: "true", POSTERN_REAL_MTA: "1" }), {
    kind: "available",
  });
});

for (const [name, machine] of [
  ["not root", { ...good, isRoot: false }],
  ["not Debian", { ...good, isDebian: false }],
] as const) {
  test(`decideAvailability: ${name}`, () => {
    const skip = { kind: "skip", reason: "skipped: needs root on Debian" };
    assert.deepEqual(decideAvailability(machine, {}), skip);
    assert.deepEqual(decideAvailability(machine, { CI: "true" }), skip);
  });
}

test("decideAvailability: a wish to skip is granted, but not where CI=true", () => {
  assert.deepEqual(decideAvailability(good, { POSTERN_REAL_MTA: "0" }), {
    kind: "skip",
    reason: "skipped: POSTERN_REAL_MTA=0",
  });
  const inCi = decideAvailability(good, { POSTERN_REAL_MTA: "0", CI: "true" });
  assert.ok(inCi.kind === "forbidden-skip");
  assert.match(sentence(inCi), /POSTERN_REAL_MTA=0 where CI=true/);
});

for (const [name, machine, reason] of [
  [
    "no namespaces",
    { ...good, namespaceFault: "Operation not permitted" },
    /^Cannot make namespaces \(Operation not permitted\)/,
  ],
  ["no overlayfs", { ...good, hasOverlay: false }, /^Cannot find overlay/],
] as const) {
  test(`decideAvailability: ${name} is no silent skip`, () => {
    const availability = decideAvailability(machine, {});
    assert.ok(availability.kind === "forbidden-skip");
    assert.match(sentence(availability), reason);
    assert.equal(decideAvailability(machine, { POSTERN_REAL_MTA: "0" }).kind, "skip");
  });
}
