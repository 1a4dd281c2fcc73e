#!/usr/bin/env node
/*
 * Only what is built into node is imported here: smtpd lets nobody in before its filter has registered, and the other
 * commands take a while to load.
 */
const [, , command = "", ...words] = process.argv;
const asksForHelp = words.some((word) => word === "--help" || word === "-h");

if (command === "opensmtpd" && !asksForHelp) {
  await import("./opensmtpd/filter.ts");
} else {
  const { hostname } = await import("node:os");
  const { runCommand } = await import("./command-line.ts");
  const { stateFolderOf } = await import("./config/state-folder.ts");
  const { watchStreams } = await import("./process-streams.ts");
  watchStreams(process);
  const code = await runCommand(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    hostname: hostname(),
    stateFolder: stateFolderOf(process.env),
  });
  process.exitCode ??= code;
}
