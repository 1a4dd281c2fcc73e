import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { isMainThread } from "node:worker_threads";

/*
 * Loaded into each test file's process by `npm test -- --slowest`: as the process ends it writes down its wall time and
 * the CPU time that it and the processes it has waited for have used (proc(5), stat, fields 14 to 17).
 */

/** USER_HZ, which Linux shows to programs as 100 on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

const notes = process.env["POSTERN_TEST_TIMES"];

if (isMainThread && process.env["NODE_TEST_CONTEXT"] !== undefined && notes !== undefined)
  process.on("exit", () => {
    const line = {
      file: relative(process.cwd(), process.argv[1] ?? ""),
      wallSeconds: process.uptime(),
      cpuSeconds: cpuSeconds(),
    };
    appendFileSync(notes, `${JSON.stringify(line)}\n`);
  });

function cpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "latin1");
  // The second field, the program's name, may hold spaces; the third comes after its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_PER_SECOND;
}
