import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../config-error.ts";
import { loadConfig } from "../load.ts";

/** For tests: a text, the place of its first problem, and how the sentence about it begins. */
export type Broken = readonly [yaml: string, place: string, says: string];

/** For tests: that the text is refused, for this reason and at this place. */
export async function assertRefused([yaml, place, says]: Broken): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "postern-broken-"));
  try {
    writeFileSync(join(cwd, "postern.yaml"), yaml);
    await loadConfig({ cwd, systemFile: null, hostname: "mx.example.org" });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    const [first = ""] = error.message.split("\n");
    const expected = `postern.yaml:${place}: ${says}`;
    assert.equal(first.slice(0, expected.length), expected);
    return;
  } finally {
    rmSync(cwd, { recursive: true });
  }
  assert.fail("it was accepted");
}
