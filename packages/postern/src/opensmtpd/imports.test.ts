import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const PACKAGES = join(import.meta.dirname, "../../..");
const MAIN = join(PACKAGES, "postern/src/main.ts");
const FILTER = join(PACKAGES, "postern/src/opensmtpd/filter.ts");
const SHIM = join(PACKAGES, "opensmtpd-adapter/src/shim.ts");

/** What a module imports for its values before it runs; types are erased. */
function importsOf(file: string): readonly string[] {
  const source = readFileSync(file, "utf8");
  const statements = source.matchAll(
    /^(?:import|export) (?!type\b)(?:[^"';]*? from )?"([^"]+)";$/gms,
  );
  return [...statements].map(([, specifier = ""]) => specifier);
}

/** Every module that is loaded before `file` runs, and what they import from outside of ours. */
function closureOf(file: string): { readonly files: Set<string>; readonly outside: Set<string> } {
  const files = new Set([file]);
  const outside = new Set<string>();
  for (const one of files) {
    for (const specifier of importsOf(one)) {
      if (specifier.startsWith(".")) files.add(join(dirname(one), specifier));
      else if (specifier === "@postern/opensmtpd-adapter/shim") files.add(SHIM);
      else outside.add(specifier);
    }
  }
  return { files, outside };
}

test("smtpd's filter registers before anything is loaded that is not built into node", () => {
  assert.deepEqual(importsOf(MAIN), []);
  const { files, outside } = closureOf(FILTER);
  assert.ok(files.has(SHIM) && files.size > 10, `${files.size} files`);
  assert.deepEqual(
    [...outside].filter((specifier) => !specifier.startsWith("node:")),
    [],
  );
});

test("what smtpd starts is the filter and its adapter alone", () => {
  const foreign = [...closureOf(FILTER).files]
    .map((file) => relative(PACKAGES, file))
    .filter(
      (file) =>
        !file.startsWith("opensmtpd-adapter/") && file !== "postern/src/opensmtpd/filter.ts",
    );
  assert.deepEqual(foreign, []);
});
