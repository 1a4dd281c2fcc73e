import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/* The reporter of `npm test -- --slowest`: in the end, the files that took the most CPU time, and the sums by folder. */

interface FileTime {
  readonly file: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** So many files are named: chosen. */
const SHOWN = 30;

// biome-ignore lint/style/noDefaultExport: node's runner asks a reporter for its default export.
export default async function* slowestFiles(
  events: AsyncIterable<unknown>,
): AsyncGenerator<string> {
  for await (const _ of events);
  const path = process.env["POSTERN_TEST_TIMES"] ?? "";
  const times = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): FileTime => JSON.parse(line));
  rmSync(dirname(path), { recursive: true });
  yield* table(
    `the ${SHOWN} files that used the most CPU time`,
    times.toSorted(byCpu).slice(0, SHOWN),
  );
  yield* table("by folder", [...sums(times).values()].sort(byCpu));
}

function byCpu(one: FileTime, other: FileTime): number {
  return other.cpuSeconds - one.cpuSeconds;
}

/** The sums of each package, of each folder of test, and of all files. */
function sums(times: readonly FileTime[]): ReadonlyMap<string, FileTime> {
  const found = new Map<string, FileTime>();
  for (const time of times)
    for (const file of [time.file.split("/").slice(0, 2).join("/"), "all"]) {
      const sum = found.get(file) ?? { file, wallSeconds: 0, cpuSeconds: 0 };
      found.set(file, {
        file,
        wallSeconds: sum.wallSeconds + time.wallSeconds,
        cpuSeconds: sum.cpuSeconds + time.cpuSeconds,
      });
    }
  return found;
}

function* table(title: string, rows: readonly FileTime[]): Generator<string> {
  yield `\n${title}\n   CPU s   wall s\n`;
  for (const { file, wallSeconds, cpuSeconds } of rows)
    yield `${cpuSeconds.toFixed(1).padStart(8)} ${wallSeconds.toFixed(1).padStart(8)}  ${file}\n`;
}
