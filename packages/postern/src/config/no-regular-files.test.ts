import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runPostern } from "../testing/run-postern.ts";

/* What stands where a file should and would hold up whoever opens it: told in one line, at once, by every command. */

const folder = mkdtempSync(join(tmpdir(), "postern-no-files-"));
const at = (name: string): string => join(folder, name);
const server = createServer();
const FIVE_GB = 5_000_000_000;

before(async () => {
  execFileSync("mkfifo", [at("fifo.yaml")]);
  symlinkSync("/dev/zero", at("zero.yaml"));
  symlinkSync("/dev/null", at("null.yaml"));
  mkdirSync(at("folder.yaml"));
  await new Promise<void>((resolve) => server.listen(at("socket.yaml"), resolve));
  writeFileSync(at("huge.yaml"), "");
  truncateSync(at("huge.yaml"), FIVE_GB);
  symlinkSync("missing", at("nothing.yaml"));
  symlinkSync("loop.yaml", at("loop.yaml"));
});
after(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

const kinds: readonly (readonly [name: string, why: string, whyLong?: string])[] = [
  ["fifo.yaml", "is a FIFO, not a regular file"],
  ["zero.yaml", "is a device, not a regular file"],
  ["null.yaml", "is a device, not a regular file"],
  ["socket.yaml", "is a socket, not a regular file"],
  ["folder.yaml", "is a folder, not a file"],
  ["huge.yaml", "is too large: the limit is 1048576 bytes", "the limit is 67108864 bytes"],
  ["nothing.yaml", "does not exist"],
  ["loop.yaml", "cannot be read: ELOOP"],
];

/** Each place where a configuration names a file, and the command lines that name one themselves. */
const places: readonly (readonly [name: string, yaml: (file: string) => string, path: string])[] = [
  ["policy", (file) => `policy: ./${file}`, "policy"],
  ["extends", (file) => `policy: { extends: ./${file} }`, "policy.extends"],
  ...(["deny", "allow"] as const).map(
    (key) =>
      [
        key,
        (file: string) => `policy: { extends: postmaster-2026, ${key}: [{ file: ${file} }] }`,
        `policy.${key}[0].file`,
      ] as const,
  ),
  [
    "recipients",
    (file) =>
      `policy: { extends: postmaster-2026, recipients: [{ file: ${file}, mode: observe }] }`,
    "policy.recipients[0].file",
  ],
];

for (const [file, why, whyLong = why] of kinds) {
  for (const argv of [["serve"], ["check"], ["try", "--ip", "192.0.2.1"]]) {
    test(`${argv[0]}: the configuration is ${file}: told, exit 78`, async () => {
      const ran = await runPostern([...argv, "--config", file], "", { cwd: folder });
      assert.deepEqual(ran, { code: 78, stdout: "", stderr: `${file}: ${why}\n` });
    });
  }
  for (const [place, yaml, path] of places) {
    test(`check: ${place} names ${file}: told, exit 78`, async () => {
      writeFileSync(at("postern.yaml"), yaml(file));
      const { code, stderr } = await runPostern(["check", "--no-dns"], "", { cwd: folder });
      const [line = ""] = stderr.split("\n");
      const isEntries = path.endsWith(".file");
      assert.ok(line.startsWith("postern.yaml:1:") && line.includes(`: ${path}: "`), line);
      assert.ok(line.endsWith(isEntries ? whyLong : why), line);
      assert.equal(code, 78);
    });
  }
  test(`try: the message is ${file}: told, exit 64`, async () => {
    writeFileSync(at("postern.yaml"), "state: none");
    const argv = ["try", "--ip", "192.0.2.1", "--from", "a@b.example", file];
    const { code, stdout, stderr } = await runPostern(argv, "", { cwd: folder });
    assert.deepEqual(
      [code, stdout, stderr],
      [
        64,
        "",
        `postern: Cannot read ${file}: it ${whyLong.replace(/^the/, "is too large: the")}\n`,
      ],
    );
  });
}
