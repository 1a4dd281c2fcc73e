import { serveZone } from "../mta/scripted-dns.ts";
import { peakMemoryMb } from "./cpu-time.ts";
import { type Cell, dkimCells, dkimZone, warmUpLoad } from "./dkim-cells.ts";
import type { OpendkimProgram } from "./fetch-opendkim.ts";
import { DNS_ADDRESS, type Filter, startOpendkim, startPostern } from "./filters.ts";
import { measure, type Run } from "./measure.ts";

export interface DkimBenchOptions {
  readonly opendkim: OpendkimProgram;
  /** Our main.ts. */
  readonly main: string;
  readonly say: (line: string) => void;
  /** How often each filter is measured in a cell; the median counts. */
  readonly rounds: number;
  /** CPU time of one measurement, in milliseconds. */
  readonly cpuMs: number;
}

/** How one filter did in one cell. */
interface Row {
  readonly filter: Filter;
  readonly runs: readonly Run[];
  /** DNS questions of one message, in the last round. */
  readonly questions: number;
}

/** CPU time per message of opendkim and of our daemon, alternately, over a unix socket, as a table. */
export async function benchDkim({
  opendkim,
  main,
  say,
  rounds,
  cpuMs,
}: DkimBenchOptions): Promise<void> {
  const dnsOptions = { address: DNS_ADDRESS, port: 53, ttlSeconds: 3_600 };
  await using dns = await serveZone(dkimZone(rounds), dnsOptions);
  await using theirs = await startOpendkim(opendkim);
  await using ours = await startPostern(main);
  const filters = [theirs, ours];
  const before = await Promise.all(filters.map(({ pid }) => peakMemoryMb(pid)));
  for (const filter of filters)
    await measure(filter, { ...warmUpLoad(), cpuMs: Number.POSITIVE_INFINITY });
  const said = new Map<string, number>();

  const rowsOf = async ({ loadOf, title }: Cell): Promise<readonly Row[]> => {
    const rows = filters.map((filter) => ({ filter, runs: [] as Run[], questions: 0 }));
    // The round before the first fills caches.
    for (let round = -1; round < rounds; round += 1) {
      for (const row of rows) {
        dns.questions.length = 0;
        const load = loadOf(round < 0 ? rounds : round);
        const run = await measure(row.filter, { ...load, cpuMs });
        if (round < 0) continue;
        row.questions = dns.questions.length / run.messages;
        row.runs.push(run);
        const what = title.replace(/, \d+ at a time$/, "");
        for (const [result, count] of run.results) {
          const line = `${row.filter.name}, ${what}: ${result.replace(/\bc\d+-\d+-\d+/g, "cN").replace(/header\.b="?[\w+/=]+"?/g, "header.b=...")}`;
          said.set(line, (said.get(line) ?? 0) + count);
        }
      }
    }
    return rows;
  };

  say(
    `CPU per message: median of ${rounds} rounds of at least ${cpuMs} ms each (all in brackets).`,
  );
  say("");
  say("| message | filter | CPU µs | ratio | messages/s | questions |");
  say("|---|---|---:|---:|---:|---:|");
  for (const cell of dkimCells()) {
    const rows = await rowsOf(cell);
    const base = median(rows[0]?.runs.map(cpuOf) ?? []);
    for (const row of rows) say(formatRow(cell.title, row, base));
  }
  say("");
  for (const [at, { name, pid }] of filters.entries())
    say(
      `Peak memory of ${name}: ${whole(before[at] ?? Number.NaN)} MB before the load, ${whole(await peakMemoryMb(pid))} MB after`,
    );
  say("");
  say("Authentication-Results, and how often:");
  for (const [line, count] of said) say(`${String(count).padStart(6)}  ${line}`);
}

function formatRow(title: string, { filter, runs, questions }: Row, base: number): string {
  const cpu = runs.map(cpuOf);
  const cells = [
    title,
    filter.name,
    `**${whole(median(cpu))}** (${cpu.map(whole).join(" ")})`,
    (median(cpu) / base).toFixed(2),
    whole(median(runs.map(({ messagesPerSecond }) => messagesPerSecond))),
    questions.toFixed(1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function cpuOf({ cpuMicrosPerMessage }: Run): number {
  return cpuMicrosPerMessage;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
