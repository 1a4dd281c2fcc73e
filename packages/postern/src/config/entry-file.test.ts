import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Problem } from "./config-error.ts";
import type { Config } from "./config-types.ts";
import { readEntryFile } from "./entry-file.ts";
import { loadConfig } from "./load.ts";
import { plainSource } from "./source.ts";

const cwd = mkdtempSync(join(tmpdir(), "postern-entries-"));
after(() => rmSync(cwd, { recursive: true }));

const YAML = "policy: { extends: postmaster-2026, deny: [{ file: deny.txt }, { file: more.txt }] }";

async function load(
  list: string | Buffer,
  breathe: () => Promise<void> = () => setImmediate(),
  more = "",
): Promise<Config> {
  writeFileSync(join(cwd, "postern.yaml"), YAML);
  writeFileSync(join(cwd, "deny.txt"), list);
  writeFileSync(join(cwd, "more.txt"), more);
  return await loadConfig({ cwd, systemFile: null, hostname: "mx.example.org", breathe });
}

const addresses = (count: number, first = 0): string =>
  Array.from({ length: count }, (_, i) => {
    const n = first + i;
    return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}\n`;
  }).join("");

test("a list file is read and indexed in steps of 1,000, and others work between them", async () => {
  let steps = 0;
  const { policy } = await load(addresses(50_000), async () => {
    steps += 1;
    await setImmediate();
  });
  // Each line is read once, and looked at twice for the index.
  assert.equal(steps, 3 * 50);
  assert.equal(policy.deny.length, 50_000);
  assert.equal(policy.deny[49_999]?.text, "client 10.0.195.79 (deny.txt:50000)");
});

test("a list file has a byte order mark, other line ends, and no end", async () => {
  const { policy } = await load("\u{feff}192.0.2.1\r\n\r\n# none\r\nbücher.example # us");
  assert.deepEqual(
    policy.deny.map(({ text }) => text),
    ["client 192.0.2.1 (deny.txt:1)", "senderDomain xn--bcher-kva.example (deny.txt:4)"],
  );
});

test("a file that is not a list is refused by its first 100 lines, and no line is read to its end", async () => {
  let steps = 0;
  const noise = Buffer.alloc(8 << 20, "# # #\r\v");
  const breathe = async (): Promise<void> => {
    steps += 1;
  };
  await assert.rejects(load(`${"x y\n".repeat(500_000)}`, breathe), /\nand 80 more$/);
  assert.equal(steps, 0);
  const { policy } = await load(noise, breathe);
  assert.deepEqual(policy.deny, []);
});

test("all list files together have a million entries at most", async () => {
  writeFileSync(join(cwd, "deny.txt"), "192.0.2.1\n192.0.2.2\n");
  const read = async (before: number): Promise<readonly string[]> => {
    const problems: Problem[] = [];
    const source = plainSource({}, "postern.yaml", cwd);
    const place = { written: "deny.txt", addresses: "sender", source, path: ["deny", 0] } as const;
    const files = new Set<string>();
    const reading = { cwd, problems, files, breathe: () => setImmediate(), entries: before };
    await readEntryFile(place, reading, () => {});
    return problems.map(({ message }) => message);
  };
  assert.deepEqual(await read(999_998), []);
  assert.deepEqual(await read(999_999), [
    'deny[0].file: "deny.txt" is too long: all files together may have 1000000 entries; a longer list belongs in a DNS zone',
  ]);
});
