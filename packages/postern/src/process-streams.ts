import { EXIT } from "./exit-code.ts";

/**
 * Errors of stdout and stderr, which would else end the process with a stack. A reader that has seen enough, as
 * `| head` has, is no reason to complain, nor to end a daemon; a full disk is said, and ends with exit code 74.
 */
export function watchStreams({ stdout, stderr }: NodeJS.Process): void {
  stderr.on("error", () => {});
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || process.exitCode === EXIT.io) return;
    process.exitCode = EXIT.io;
    stderr.write(`postern: Cannot write to stdout: ${error.message}\n`);
  });
}
