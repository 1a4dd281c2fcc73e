import { decodeRow, encodeRow } from "../row-text.ts";
import { guessDays, worthOf } from "../worth.ts";
import { turnOf, worthIn, writtenAt } from "./turn.ts";

/** A row as it should stand in the file. */
export interface Reviewed {
  readonly text: string;
  readonly turn: number;
}

/**
 * A row that was seen on several days, as it should stand in the file.
 *
 * @param knowsAllSince rows written earlier may lack the field that says what they are worth: it is guessed.
 * @returns null if it stands so already, or cannot be read.
 */
export function reviewed(
  row: Readonly<Record<string, unknown>>,
  knowsAllSince: number,
): Reviewed | null {
  const turn = Number(row["written"]);
  // Only those that know of it give a row any worth.
  if (worthIn(turn) > 0) return null;
  const fields = decodeRow(String(row["fields"]));
  if (fields === undefined) return null;
  const before = fields.size;
  const seconds = writtenAt(turn);
  if (seconds < knowsAllSince)
    guessDays(fields, Number(row["first_day"]), Math.floor(seconds / 86_400));
  const worth = worthOf(fields);
  return worth === 0 && fields.size === before
    ? null
    : { text: encodeRow(fields), turn: turnOf(worth, seconds) };
}
