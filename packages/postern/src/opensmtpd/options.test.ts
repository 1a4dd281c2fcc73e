import assert from "node:assert/strict";
import { test } from "node:test";
import { readFilterOptions } from "./options.ts";

const good: readonly (readonly [argv: readonly string[], file: string | undefined])[] = [
  [["opensmtpd"], undefined],
  [["opensmtpd", "--config", "/etc/postern/postern.yaml"], "/etc/postern/postern.yaml"],
  [["opensmtpd", "--config=a.yaml"], "a.yaml"],
];
for (const [argv, file] of good) {
  test(`readFilterOptions: ${argv.join(" ")}`, () =>
    assert.deepEqual(readFilterOptions(argv), { kind: "good", file }));
}

const mistaken: readonly (readonly [argv: readonly string[], text: string])[] = [
  [["opensmtpd", "--confg", "a"], "unknown option: --confg (did you mean --config?)"],
  [["opensmtpd", "-c", "a"], "unknown option: -c"],
  [["opensmtpd", "--config"], "missing value: --config takes a file"],
  [["opensmtpd", "--config="], "missing value: --config takes a file"],
  [["opensmtpd", "a.yaml"], "unexpected argument: a.yaml"],
  [["opensmptd", "--config", "a"], "unknown command: opensmptd (did you mean opensmtpd?)"],
  [["--config", "a", "opensmtpd"], "opensmtpd must be the first argument"],
  [[], "opensmtpd must be the first argument"],
];
for (const [argv, text] of mistaken) {
  test(`readFilterOptions: a mistake: ${argv.join(" ")}`, () =>
    assert.deepEqual(readFilterOptions(argv), { kind: "mistake", text }));
}
