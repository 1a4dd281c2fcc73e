/*
 * Nothing is imported before node's version is known: an old node could not load it. And for `postern opensmtpd` only
 * what is built into node is imported: smtpd lets nobody in before its filter has registered, and the other commands
 * take a while to load.
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const [, , command = "", ...words] = process.argv;
const asksForHelp = [command, ...words].some((word) => /^(?:--help|-h|--version|-V)$/.test(word));
/** Also where an option stands before it, or it is mistyped: to end with a complaint would end smtpd. */
const isFilter =
  command === "opensmtpd" ||
  (command.startsWith("-") && words.includes("opensmtpd")) ||
  (/^open|smtp/i.test(command) && !(await import("node:tty")).isatty(0));

if (major < 24 || (major === 24 && minor < 11)) {
  const { runByCarriedNode } = await import("./carried-node.ts");
  await runByCarriedNode();
} else if (isFilter && !asksForHelp) {
  await import("./opensmtpd/filter.ts");
} else {
  const { hostname } = await import("node:os");
  const { runCommand } = await import("./command-line.ts");
  const { SYSTEM_FILE } = await import("./config/load.ts");
  const { localFileFor } = await import("./config/local-file.ts");
  const { stateFolderOf } = await import("./config/state-folder.ts");
  const { watchStreams } = await import("./process-streams.ts");
  watchStreams(process);
  const code = await runCommand(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    systemFile: SYSTEM_FILE,
    localFile: localFileFor(process.geteuid?.()),
    hostname: hostname(),
    stateFolder: stateFolderOf(process.env),
  });
  process.exitCode ??= code;
}
