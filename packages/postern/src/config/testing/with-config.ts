import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../config-types.ts";
import { loadConfig } from "../load.ts";

/** For tests: a configuration from a text, in a folder of its own, on the host mx.example.org. */
export async function withConfig(
  yaml: string,
  action: (config: Config, folder: string) => void | Promise<void>,
): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "postern-test-"));
  try {
    writeFileSync(join(cwd, "postern.yaml"), yaml);
    await action(await loadConfig({ cwd, systemFile: null, hostname: "mx.example.org" }), cwd);
  } finally {
    rmSync(cwd, { recursive: true });
  }
}
