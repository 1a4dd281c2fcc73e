import assert from "node:assert/strict";
import { test } from "node:test";
import { type DnsAnswer, fault } from "@postern/dns";
import type { IpAddress } from "@postern/smtp-filter";
import fc from "fast-check";
import { type Reading, readListAnswer } from "./list-answer.ts";
import { compileCodes } from "./list-codes.ts";
import { addresses } from "./testing/list-stage.ts";

const labelsOf = compileCodes({ "127.0.0.2": "sbl", "127.0.0.9": "drop" });
const REFUSES: Reading = { kind: "wrong", fault: "it refuses our questions" };
const OUTSIDE: Reading = { kind: "wrong", fault: "it answers outside 127.0.0.0/8" };

const cases: readonly [DnsAnswer<IpAddress>, Reading][] = [
  [{ status: "none", reason: "nxdomain" }, { kind: "none" }],
  [{ status: "none", reason: "nodata" }, { kind: "none" }],
  [fault("timeout"), { kind: "temperror", detail: "timeout" }],
  [fault("servfail"), { kind: "temperror", detail: "servfail" }],
  [addresses("127.0.0.2"), { kind: "listed", labels: ["sbl"] }],
  [addresses("127.0.0.9", "127.0.0.2"), { kind: "listed", labels: ["sbl", "drop"] }],
  [addresses("127.0.0.77"), { kind: "listed", labels: [] }],
  [addresses("127.0.0.1"), { kind: "listed", labels: [] }],
  [addresses("127.255.0.255"), { kind: "listed", labels: [] }],
  [addresses("127.255.255.252"), REFUSES],
  [addresses("127.255.255.254"), REFUSES],
  [addresses("127.255.255.255"), REFUSES],
  [addresses("127.0.0.2", "127.255.255.0"), REFUSES],
  [addresses("192.0.2.1"), OUTSIDE],
  [addresses("127.0.0.2", "192.0.2.1"), OUTSIDE],
  [addresses("128.0.0.2"), OUTSIDE],
  [addresses("0.0.0.0"), OUTSIDE],
];
for (const [answer, reading] of cases) {
  const name = answer.status === "found" ? answer.value.join(" ") : Object.values(answer).join(" ");
  test(`readListAnswer: ${name}`, () => {
    assert.deepEqual(readListAnswer(answer, labelsOf), reading);
  });
}

test("readListAnswer: whatever is answered, labels come from 127/8 without errors alone", () => {
  fc.assert(
    fc.property(fc.array(fc.ipV4(), { minLength: 1 }), (texts) => {
      const reading = readListAnswer(addresses(...texts), () => ["sbl"]);
      const isFine = texts.every(
        (text) => text.startsWith("127.") && !text.startsWith("127.255.255."),
      );
      assert.equal(reading.kind === "listed", isFine);
    }),
  );
});
