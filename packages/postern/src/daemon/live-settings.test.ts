import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { withConfig } from "../config/testing/with-config.ts";

const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A program of its own, as whatever is left open keeps one alive. */
async function exitOf(folder: string, body: string): Promise<unknown> {
  const program = `
    import { loadConfig } from ${urlOf("../config/load.ts")};
    import { openLiveSettings } from ${urlOf("./live-settings.ts")};
    const given = { file: "postern.yaml", cwd: ${JSON.stringify(folder)}, systemFile: null, hostname: "mx.example.org" };
    const config = await loadConfig(given);
    const live = openLiveSettings(config, () => {});
    ${body}
  `;
  const argv = ["--conditions=source", "--input-type=module", "--eval", program];
  const [code, signal] = await once(
    spawn(process.execPath, argv, { stdio: "ignore", timeout: 20_000 }),
    "exit",
  );
  return signal ?? code;
}

const YAML =
  "state: sqlite:state.db\nlists: []\ndns: { servers: ['127.0.0.1:9'], timeoutMs: 200 }\n";
const cases = [
  ["the store opens", "const opening = live.openStore(); await live.close(); await opening;"],
  [
    "a reload opens another store",
    `await live.openStore();
    const reloading = live.reload({ ...config, state: { kind: "sqlite", path: given.cwd + "/b.db" } });
    await live.close();
    await reloading;`,
  ],
  [
    "nothing is open: what comes later opens nothing",
    "await live.close(); await live.openStore();",
  ],
] as const;

for (const [name, body] of cases) {
  test(`live settings, closed while ${name}: nothing stays open`, () =>
    withConfig(YAML, async (_, folder) => assert.equal(await exitOf(folder, body), 0)));
}
