import { readFile } from "node:fs/promises";

/** sysconf(_SC_CLK_TCK) on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** utime + stime of a process with all its threads, in milliseconds; counted in ticks of 10 ms (proc(5)). */
export async function cpuTimeMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // pid (command) state ppid ...; the command may hold blanks and parentheses. utime is field 14.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** The most memory a process had resident so far, in MB. */
export async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1_024;
}
