import { accessSync, constants } from "node:fs";
import { basename, dirname } from "node:path";
import type { Config } from "../config/config-types.ts";
import { codeOf } from "../config/read-file.ts";
import { ownGroup } from "./privileges.ts";

/**
 * What of the configuration the user dropped to cannot read again, so that SIGHUP would change nothing: one line with
 * the command that helps; null: everything can be read.
 */
export function whyNotReadableAgain({ file, watchedFiles, user }: Config): string | null {
  if (user === null) return null;
  const files = file === null || file === "stdin" ? watchedFiles : [file, ...watchedFiles];
  const closed = files.find((path) => isDenied(path, constants.R_OK));
  if (closed === undefined) return null;
  const what = `SIGHUP will not read ${closed} again: user ${user} may not`;
  const group = ownGroup();
  const way = above(closed).find((folder) => isDenied(folder, constants.X_OK));
  if (way === undefined) return `${what} read it: chgrp ${group} ${closed} && chmod 0640 ${closed}`;
  // A folder of another name may be somebody's home: to open it would be a bad cure.
  return basename(way) === "postern"
    ? `${what} enter ${way}: chgrp ${group} ${way} && chmod 0750 ${way}`
    : `${what} enter ${way}: move the file to /etc/postern`;
}

/** A file that is missing is told when it is read. */
function isDenied(path: string, how: number): boolean {
  try {
    accessSync(path, how);
    return false;
  } catch (error) {
    return codeOf(error) === "EACCES";
  }
}

/** The folders on the way, from the root. */
function above(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...above(folder), folder];
}
