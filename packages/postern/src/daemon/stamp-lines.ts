import { fstatSync } from "node:fs";
import type { Clock } from "@postern/smtp-filter";

/** What stands at the very end of a decision, behind everything else. */
const END = /(?: would=[a-z]+)?(?: mode=[a-z]+)?$/;

/**
 * What writes a line with its time as the last field, `time=2026-11-24T12:00:00.123Z`, but for `would=` and `mode=`.
 *
 * @param write takes one line, without its end.
 * @param isWanted asked for each line: a reload may change it.
 */
export function stampLines(
  write: (line: string) => void,
  isWanted: () => boolean,
  clock: Pick<Clock, "wallMs">,
): (line: string) => void {
  return (line) =>
    write(
      isWanted()
        ? line.replace(END, (end) => ` time=${new Date(clock.wallMs()).toISOString()}${end}`)
        : line,
    );
}

/** Whether systemd's journal reads our standard error, and adds times of its own (systemd.exec(5), JOURNAL_STREAM). */
export function isInJournal(env: NodeJS.ProcessEnv, descriptor: number = 2): boolean {
  const [device, inode] = env["JOURNAL_STREAM"]?.split(":") ?? [];
  if (device === undefined || inode === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return String(dev) === device && String(ino) === inode;
  } catch {
    return false;
  }
}
