import { test } from "node:test";
import { Dialogue, type Version } from "./dialogue.ts";

/** Declares a test for each order of fields that was ever released. */
export function inVersions(
  name: string,
  run: (dialogue: Dialogue, version: Version) => Promise<void>,
): void {
  for (const version of ["0.5", "0.6", "0.7"] as const)
    test(`${name} (${version})`, () => run(new Dialogue(version), version));
}
