import type { Policy } from "@postern/filter-core";
import type { Expectation } from "./expectation-schema.ts";
import type { Settled } from "./schema.ts";

/** `postern.yaml`, read: every default in its place, every relative path absolute. */
export interface Config extends Omit<Settled, "policy" | "mode"> {
  /** An absolute path, or `stdin`; null: there is none, the defaults apply. */
  readonly file: string | null;
  /** With the mode of the configuration. */
  readonly policy: Policy;
  /** By rule id and source of credit: where its weight was last set, `postmaster-2026` or `postern.yaml:12`. */
  readonly policySources: ReadonlyMap<string, string>;
  readonly expectations: readonly Expectation[];
  /** Absolute paths of the files that entries were read from: a change of one is a reason to read everything again. */
  readonly watchedFiles: readonly string[];
}
