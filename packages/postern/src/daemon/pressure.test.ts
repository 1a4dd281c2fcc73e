import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../config/load.ts";
import { announcePressure, shareMemory } from "./pressure.ts";

const MIB = 1 << 20;

function configOf(yaml: string) {
  return loadConfig({
    file: "-",
    stdin: Buffer.from(yaml),
    cwd: "/",
    systemFile: "/nonexistent",
    hostname: "mx.example.org",
    stateFolder: null,
  });
}

const shares: readonly { yaml: string; mib: readonly [number, number, number] }[] = [
  { yaml: "{}", mib: [250, 0, 0] },
  { yaml: "limits: { connections: 100 }", mib: [64, 0, 0] },
  { yaml: "limits: { connections: 10000 }", mib: [1024, 0, 0] },
  {
    yaml: "listen: { milter: inet:127.0.0.1:1, exim: inet:127.0.0.1:2 }\nlimits: { pendingMiB: 80 }",
    mib: [70, 10, 0],
  },
  {
    yaml: "listen: { exim: inet:127.0.0.1:2, learn: unix:/a }\nlimits: { pendingMiB: 256 }",
    mib: [208, 32, 16],
  },
  {
    yaml: "listen: { milter: inet:127.0.0.1:1, learn: [unix:/a, unix:/b] }\nlimits: { pendingMiB: 16 }",
    mib: [14, 0, 1],
  },
];

for (const { yaml, mib } of shares) {
  test(`shareMemory: parts of one bound: ${yaml.replaceAll("\n", "; ")}`, async () => {
    const { connections, sessions, marksBytes } = shareMemory(await configOf(yaml));
    assert.deepEqual(
      [connections.maxBytes, sessions.maxBytes, marksBytes],
      mib.map((one) => one * MIB),
    );
  });
}

test("announcePressure: each thing at once, then how often it was, once a minute; other events not at all", async () => {
  const said: string[] = [];
  let nowMs = 0;
  const config = await configOf("limits: { connections: 200, pendingMiB: 80 }");
  const tell = announcePressure(config, (text) => said.push(text), { nowMs: () => nowMs });
  for (let i = 0; i < 1000; i += 1) {
    tell({ kind: "evicted" });
    tell({ kind: "displaced" });
    tell({ kind: "over-limit" });
    tell({ kind: "protocol-error" });
  }
  const [evicted, displaced, overLimit, ...more] = said;
  assert.match(evicted ?? "", /^greedy connections closed: 1; .* 80 MiB .*\(limits\.pendingMiB\)/);
  assert.match(displaced ?? "", /^silent connections closed: 1; .* 200 places .*\(limits\.conn/);
  assert.match(overLimit ?? "", /^new connections closed: 1; 200 are open.*\(limits\.conn/);
  assert.deepEqual(more, []);
  nowMs = 60_000;
  tell({ kind: "evicted" });
  assert.match(said[3] ?? "", /^greedy connections closed: 1000;/);
});
