import { appendFileSync } from "node:fs";
import type { Front } from "./scenario.ts";

/** What became of one scenario on one front, as a client read it. */
export interface PlayedCell {
  readonly front: Front;
  readonly id: string;
  /** The reply that decided; `250` where the message was let in. */
  readonly reply: string;
}

/** Where a run writes what it saw; absent: nowhere. docs/parity.md is made of it. */
const file = process.env["POSTERN_PARITY_FILE"];

/** One line of JSON a cell; tests of several processes may write at a time. */
export function recordCell(front: Front, id: string, reply: string): void {
  const cell: PlayedCell = { front, id, reply };
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(cell)}\n`);
}
