#!/usr/bin/env node
/*
 * Only what is built into node is imported here: smtpd lets nobody in before its filter has registered, and the other
 * commands take a while to load.
 */
if (process.argv[2] === "opensmtpd") {
  await import("./opensmtpd/filter.ts");
} else {
  const { hostname } = await import("node:os");
  const { runCommand } = await import("./command-line.ts");
  const { stateFolderOf } = await import("./config/state-folder.ts");
  process.exitCode = await runCommand(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    hostname: hostname(),
    stateFolder: stateFolderOf(process.env),
  });
}
