import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { resultJson } from "../../packages/postern/src/try/result-json.ts";
import { tryCase } from "../../packages/postern/src/try/try-case.ts";
import { recordCell } from "./parity.ts";
import { caseOf, withConfigFile } from "./setup.ts";
import { table } from "./table.ts";

for (const scenario of table) {
  if (scenario.cells.try !== "real") continue;
  test(`try: ${scenario.id}`, () =>
    withConfigFile(scenario.config, async (file, cwd) => {
      const config = await loadConfig({ file, cwd, systemFile: null, hostname: "mx.example.org" });
      const result = await tryCase(caseOf(scenario), config);
      const { action, rule, reply } = result.verdict;
      const { expect } = scenario;
      assert.deepEqual(
        { action, rule, reply },
        {
          action: expect.action,
          rule: expect.rule,
          reply: expect.reply,
        },
      );
      const added = result.headers.add.map(({ name, value }) => `${name}: ${value}`).join("\n");
      for (const absent of expect.absentHeaders ?? []) assert.doesNotMatch(added, absent);
      recordCell({ front: "try", id: scenario.id, reply, at: result.verdict.toldAt ?? "message" });
      // The same as JSON, and nothing is lost on the way.
      assert.deepEqual(JSON.parse(JSON.stringify(resultJson("1", result))).verdict, result.verdict);
    }));
}
