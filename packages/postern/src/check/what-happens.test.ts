import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../config/load.ts";
import { withConfig } from "../config/testing/with-config.ts";
import { howToEnforce } from "../daemon/how-to-enforce.ts";
import { whatHappens } from "./what-happens.ts";

for (const [yaml, line] of [
  ["mode: observe", /^mode observe: nothing is refused or marked/],
  ["mode: junk", /^mode junk: nothing is refused; .* is marked as junk$/],
  ["mode: enforce", /^mode enforce: mail is refused, deferred and marked as the policy says$/],
  ["{}", /^mode enforce:/],
  [
    "mode: observe\npolicy: { extends: postmaster-2026, recipients: [{ to: a@example.org, mode: enforce }, { to: b@example.org, mode: observe }] }",
    /would do \(but enforce for some recipients\)$/,
  ],
] as const) {
  test(`whatHappens: ${yaml}`, () =>
    withConfig(yaml, async ({ policy, ...config }) => {
      assert.match(whatHappens(policy), line);
      assert.deepEqual(howToEnforce({ ...config, policy }), []);
    }));
}

test("loadConfig: a daemon that nobody has configured observes, and says how to enforce; try judges as enforce", async () => {
  const nowhere = { cwd: "/nonexistent", hostname: "mx.example.org", systemFile: null };
  const daemon = await loadConfig({ ...nowhere, modeWithoutFile: "observe" });
  assert.equal(daemon.policy.mode, "observe");
  assert.match(
    howToEnforce(daemon).join(),
    /write mode: enforce into \/etc\/postern\/postern\.yaml/,
  );
  assert.equal((await loadConfig(nowhere)).policy.mode, "enforce");
});
