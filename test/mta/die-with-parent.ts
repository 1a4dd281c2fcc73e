import { existsSync } from "node:fs";

const setpriv = "/usr/bin/setpriv";

/**
 * The command line that runs `command` so that the kernel ends it when this process ends, even by
 * SIGKILL (prctl(2) PR_SET_PDEATHSIG, by setpriv(1) of util-linux). The pid is that of the command
 * itself. Without setpriv the command line is returned as it is.
 */
export function dieWithParent(command: string, args: readonly string[]): [string, string[]] {
  if (!existsSync(setpriv)) return [command, [...args]];
  return [setpriv, ["--pdeathsig", "KILL", "--", command, ...args]];
}
