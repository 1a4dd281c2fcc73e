import { table } from "./table.ts";

/** `npm run check:scenarios`: every cell is filled, or says why not; ids are unique. */
const problems: string[] = [];
const ids = new Set<string>();
for (const { id, cells } of table) {
  if (ids.has(id)) problems.push(`${id}: the id stands twice`);
  ids.add(id);
  for (const [front, cell] of Object.entries(cells)) {
    const isExplained = cell === "real" || cell === "fake" || /^n\/a: .{10,}/.test(cell);
    if (!isExplained) problems.push(`${id}: the cell ${front} is not explained: ${cell}`);
  }
}
process.stdout.write(
  problems.length === 0
    ? `${ids.size} scenarios, every cell explained\n`
    : `${problems.join("\n")}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
