import type { Config } from "../config/config-types.ts";
import type { List } from "../config/list-schema.ts";
import { alignColumns } from "./columns.ts";

/** The zones that are asked about each client: those of scores, and the lists with what their answers mean. */
export function describeZones({ scores, lists }: Config): readonly string[] {
  if (scores.length + lists.length === 0) return [];
  const rows = [
    ...scores.map((zone) => [zone, "-", "a score of 0 to 100", "-"]),
    ...lists.map((list) => [
      list.keyFrom === null ? list.zone : `${list.zone} (with a key)`,
      list.operator,
      meaningOf(list),
      list.url ?? "-",
    ]),
  ];
  return ["", ...alignColumns([["zone", "operator", "answers", "page"], ...rows])];
}

function meaningOf({ codes }: List): string {
  return Object.entries(codes)
    .map(([pattern, label]) => `${pattern} ${label}`)
    .join("\n");
}
