import { appendFileSync } from "node:fs";
import type { Front } from "./scenario.ts";

/** What became of one scenario on one front, as a client read it. */
export interface PlayedCell {
  readonly front: Front;
  readonly id: string;
  /** The reply that decided, in one line; null where the message was let in. */
  readonly reply: string | null;
  /** Where it was read. */
  readonly at: string;
}

/** Where a run writes what it saw; absent: nowhere. docs/parity.md is made of it. */
const file = process.env["POSTERN_PARITY_FILE"];

/** One line of JSON a cell; tests of several processes may write at a time. */
export function recordCell(cell: PlayedCell): void {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(cell)}\n`);
}
