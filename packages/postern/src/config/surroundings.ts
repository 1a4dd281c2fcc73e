import type { Mode } from "@postern/filter-core";

/** What the value of a key may depend on beside the file itself. */
export interface Surroundings {
  /** Where relative paths start. */
  readonly folder: string;
  readonly hostname: string;
  /** Where programs keep their state here; null: nowhere but in memory. */
  readonly stateFolder: string | null;
  /** Of a file that names none. */
  readonly mode: Mode;
}
