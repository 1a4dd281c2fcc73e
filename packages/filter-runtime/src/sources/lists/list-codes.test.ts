import assert from "node:assert/strict";
import { test } from "node:test";
import { compileCodes } from "./list-codes.ts";

const zen = {
  "127.0.0.2": "sbl",
  "127.0.0.3": "css",
  "127.0.0.4-7": "xbl",
  "127.0.0.9": "drop",
  "127.0.0.10-11": "pbl",
};
const dnswl = { "127.0.*.2": "dnswl-med", "127.0.*.3": "dnswl-hi" };

const cases: readonly [Record<string, string>, string, readonly string[]][] = [
  [zen, "127.0.0.2", ["sbl"]],
  [zen, "127.0.0.4", ["xbl"]],
  [zen, "127.0.0.7", ["xbl"]],
  [zen, "127.0.0.8", []],
  [zen, "127.0.0.9 127.0.0.2", ["sbl", "drop"]],
  [zen, "127.0.0.4 127.0.0.5", ["xbl"]],
  [zen, "127.0.0.11 127.0.0.99", ["pbl"]],
  [zen, "127.0.1.2", []],
  [zen, "127.1.0.2", []],
  [dnswl, "127.0.5.2", ["dnswl-med"]],
  [dnswl, "127.0.255.3", ["dnswl-hi"]],
  [dnswl, "127.0.5.1", []],
  [{ "127.*.*.*": "class2", "127.0.0.2": "sbl" }, "127.0.0.2", ["class2", "sbl"]],
  [{ "127.0.0.2": "class2", "127.0.0.3": "class2" }, "127.0.0.3 127.0.0.2", ["class2"]],
  [{ "127.0.0.0-255": "class2" }, "127.0.0.0 127.0.0.255", ["class2"]],
  [{}, "127.0.0.2", []],
];
for (const [codes, answers, labels] of cases) {
  test(`compileCodes: ${Object.keys(codes)[0]}... finds in ${answers} ${labels.join(", ") || "nothing"}`, () => {
    const octets = answers.split(" ").map((answer) => answer.split(".").map(Number));
    assert.deepEqual(compileCodes(codes)(octets), labels);
  });
}

for (const pattern of ["", "127.0.0", "127.0.0.2.3", "127.0.0.x", "127.0.0.2-", "127.0.0.1000"]) {
  test(`compileCodes: "${pattern}" is not a pattern`, () => {
    assert.throws(() => compileCodes({ [pattern]: "sbl" }), RangeError);
  });
}
