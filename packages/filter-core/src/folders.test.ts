import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const SRC = import.meta.dirname;

/** By folder: the other folders that its files import from, types included; tests and their samples may import all. */
function importsOfFolders(): ReadonlyMap<string, ReadonlySet<string>> {
  const imports = new Map<string, Set<string>>();
  for (const file of readdirSync(SRC, { recursive: true, encoding: "utf8" })) {
    const from = dirname(file);
    if (!file.endsWith(".ts") || file.endsWith(".test.ts") || from === "testing") continue;
    const seen = imports.get(from) ?? new Set();
    imports.set(from, seen);
    for (const [, path] of readFileSync(join(SRC, file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      const to = relative(SRC, dirname(join(SRC, from, path ?? ""))) || ".";
      if (to !== from) seen.add(to);
    }
  }
  return imports;
}

test("folders: index.ts alone lies above them", () => {
  const loose = readdirSync(SRC, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
  assert.deepEqual(loose.toSorted(), ["folders.test.ts", "index.ts"]);
});

test("folders: their imports form no circle", () => {
  const left = new Map(importsOfFolders());
  assert.ok(left.size > 5);
  const order: string[] = [];
  for (;;) {
    const free = [...left].find(([, to]) => ![...to].some((one) => left.has(one)));
    if (free === undefined) break;
    order.push(free[0]);
    left.delete(free[0]);
  }
  const circle = [...left].map(([from, to]) => `${from} -> ${[...to].join(", ")}`);
  assert.deepEqual(circle, [], `in order so far: ${order.join(", ")}`);
});
