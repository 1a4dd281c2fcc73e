/** The column that gives way, and the width that all of them together should keep to, in characters. */
export interface Fit {
  readonly column: number;
  readonly width: number;
}

const GAP = "  ";
/** A column narrower than this is harder to read than a long line. */
const LEAST_WIDTH = 30;

/** Rows as lines of aligned columns. A cell may hold several lines; the column that gives way is broken at blanks. */
export function alignColumns(rows: readonly (readonly string[])[], fit?: Fit): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => cell.split("\n")));
  const natural = widthsOf(cells);
  const others = natural.reduce((sum, width, i) => sum + (i === fit?.column ? 0 : width), 0);
  const gaps = GAP.length * Math.max(0, natural.length - 1);
  const room = Math.max(LEAST_WIDTH, (fit?.width ?? Infinity) - others - gaps);
  const broken = cells.map((row) =>
    row.map((lines, i) => (i === fit?.column ? lines.flatMap((line) => wrap(line, room)) : lines)),
  );
  const widths = widthsOf(broken);
  return broken.flatMap((row) =>
    Array.from({ length: Math.max(...row.map((lines) => lines.length)) }, (_, at) =>
      row
        .map((lines, i) => (lines[at] ?? "").padEnd(widths[i] ?? 0))
        .join(GAP)
        .trimEnd(),
    ),
  );
}

function widthsOf(rows: readonly (readonly (readonly string[])[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, i) =>
    Math.max(0, ...rows.flatMap((row) => (row[i] ?? []).map((line) => line.length))),
  );
}

/** Breaks a line at blanks; a word that is too long stays whole. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
