import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** What is looked for first where no configuration is named. */
export const LOCAL_FILE = "postern.yaml";

/** Whether `./postern.yaml` is read unasked. `leave`: only where it is named. */
export type LocalFile = "read" | "leave";

/** For root it is left: whoever may write to the current folder, `/tmp` for example, could have put it there. */
export function localFileFor(userId: number | undefined): LocalFile {
  return userId === 0 ? "leave" : "read";
}

/**
 * Says that a file was left, and what to do.
 *
 * @returns null if there is none, or if it is the configuration of the machine, which is read anyway.
 */
export function whyLeft(cwd: string, systemFile: string | null): string | null {
  const path = resolve(cwd, LOCAL_FILE);
  if (path === systemFile || !existsSync(path)) return null;
  return `${path} is not read, as root runs this and anybody may have put it there; to use it, name it: --config ./${LOCAL_FILE}`;
}
