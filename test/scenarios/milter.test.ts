import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { startDaemon } from "../../packages/postern/src/daemon/daemon.ts";
import { serveZone } from "../mta/scripted-dns.ts";
import { assertId, withoutId } from "./decision-id.ts";
import { expectedLog, isLogged } from "./log-fields.ts";
import { longReply } from "./long-reply.ts";
import { overBudget } from "./over-budget.ts";
import { recordCell } from "./parity.ts";
import { playByMilter } from "./play-by-milter.ts";
import { stateFor } from "./remember.ts";
import { PATIENT } from "./rig.ts";
import { withConfigFile } from "./setup.ts";
import { table } from "./table.ts";

/** Our own MTA side against the daemon's code, over TCP, with a DNS that answers over UDP. */
for (const scenario of [...table, longReply, overBudget]) {
  if (scenario.cells.milter !== "fake") continue;
  test(`milter client: ${scenario.id}`, async () => {
    await using dns = await serveZone(scenario.dns as Parameters<typeof serveZone>[0]);
    const config = {
      ...scenario.config,
      listen: { milter: "inet:127.0.0.1:0" },
      dns: { servers: [`127.0.0.1:${dns.port}`], timeoutMs: 300 },
    };
    const folder = await mkdtemp(join(tmpdir(), "postern-state-"));
    after(() => rm(folder, { recursive: true, force: true }));
    const state = await stateFor(scenario, folder);
    const limits = { ...PATIENT, ...Object(scenario.config["limits"]) };
    await withConfigFile({ ...config, state, limits }, async (file, cwd) => {
      const lines: string[] = [];
      const loaded = await loadConfig({ file, cwd, systemFile: null, hostname: "mx.example.org" });
      const daemon = await startDaemon(loaded, (line) => lines.push(line));
      try {
        const address = daemon.fronts[0]?.address ?? "";
        if (scenario.client.tls === "unused")
          await playByMilter(address, { ...scenario, client: { ...scenario.client, tls: "used" } });
        const told = await playByMilter(address, scenario);
        const { expect } = scenario;
        const stages = expect.log.stage === undefined ? [] : [expect.log.stage];
        const [refusal] = told.refusals;
        const reply = refusal === undefined ? null : withoutId(refusal, lines);
        if (refusal !== undefined) assertId(refusal, scenario);
        assert.deepEqual(reply, expect.reply, JSON.stringify(told));
        assert.ok(
          lines.some((line) => isLogged(line, "postfix", stages, expectedLog(expect))),
          lines.join("\n"),
        );
        for (const wanted of expect.headers ?? []) assert.match(told.header ?? "", wanted);
        for (const absent of expect.absentHeaders ?? [])
          assert.doesNotMatch(told.header ?? "", absent);
        recordCell({
          front: "milter",
          id: scenario.id,
          reply,
          at: told.at,
        });
      } finally {
        await daemon.stop();
      }
    });
  });
}
