import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runPostern } from "../testing/run-postern.ts";
import { localFileFor } from "./local-file.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "postern-local-")));
after(() => rmSync(cwd, { recursive: true }));
const systemFile = join(cwd, "system.yaml");
writeFileSync(join(cwd, "postern.yaml"), "state: none\n");
writeFileSync(systemFile, "state: none\n");

const TOLD = `postern: ${cwd}/postern.yaml is not read, as root runs this and anybody may have put it there; to use it, name it: --config ./postern.yaml\n`;
const CHECK = ["check", "--no-dns"];

test("root is 0, and nobody else is", () =>
  assert.deepEqual([0, 1, 65_534, undefined].map(localFileFor), ["leave", "read", "read", "read"]));

test("./postern.yaml is read where anybody but root runs a command", async () => {
  const { stdout, stderr } = await runPostern(CHECK, "", { cwd, systemFile });
  assert.match(stdout, /configuration: \S+\/postern\.yaml\n/);
  assert.equal(stderr, "");
});

for (const argv of [CHECK, ["try", "--ip", "192.0.2.1"], ["try", "--jsonl"]]) {
  test(`root's ${argv.join(" ")} leaves ./postern.yaml, and says so once`, async () => {
    const root = { cwd, systemFile, localFile: "leave" } as const;
    const { stdout, stderr, code } = await runPostern(argv, "", root);
    assert.equal(stderr, TOLD);
    assert.doesNotMatch(stdout, /postern\.yaml/);
    assert.equal(code, 0);
  });
}

test("root reads the machine's own file, and the one he names", async () => {
  const root = { cwd, systemFile, localFile: "leave" } as const;
  assert.match((await runPostern(CHECK, "", root)).stdout, /configuration: \S+\/system\.yaml\n/);
  for (const words of [["./postern.yaml"], ["--config", "./postern.yaml"]]) {
    const { stdout, stderr } = await runPostern([...CHECK, ...words], "", root);
    assert.match(stdout, /configuration: \S+\/postern\.yaml\n/);
    assert.equal(stderr, "");
  }
});

test("root in the folder of the machine's own file, or in one without any, is told nothing", async () => {
  const own = { cwd, systemFile: join(cwd, "postern.yaml"), localFile: "leave" } as const;
  assert.equal((await runPostern(CHECK, "", own)).stderr, "");
  const none = { cwd: "/", systemFile: null, localFile: "leave" } as const;
  assert.equal((await runPostern(CHECK, "", none)).stderr, "");
});
