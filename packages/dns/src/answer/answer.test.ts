import assert from "node:assert/strict";
import { test } from "node:test";
import { found } from "./answer.ts";

test("found: no records are no data", () => {
  assert.deepEqual(found([]), { status: "none", reason: "nodata" });
  assert.deepEqual(found(["a"]), { status: "found", value: ["a"] });
});
