import { spawn } from "node:child_process";
import { accessSync, constants, readdirSync } from "node:fs";
import { constants as osConstants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * For a node that is too old to run the program. It has to load on Node 18, so nothing here is newer than that, and
 * nothing is imported from outside of node.
 */

/** The exit code where no node is there that could do it: EX_UNAVAILABLE (sysexits.h). */
const UNAVAILABLE = 69;

/** What is handed on. SIGKILL and SIGSTOP cannot be, and a SIGUSR1 to an old node starts its debugger. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/**
 * Says that this node is too old, and runs the program again by the Node that npm brought along: in this process where
 * node can (22.15 and newer), else as a child that gets our signals and whose exit code is ours. Where there is none it
 * says what to do and exits with 69.
 */
export async function runByCarriedNode(): Promise<void> {
  const [, main = "", ...args] = process.argv;
  const old = `Node ${process.versions.node} is too old, Postern needs 24.11 or newer`;
  const node = findCarriedNode(dirname(fileURLToPath(import.meta.url)));
  if (node === undefined) return fail(`${old}: run npm ci, which brings it, or install Node 24`);
  say(`${old}: running by ${node}`);
  const argv = [...process.execArgv, main, ...args];
  if (typeof process.execve === "function") {
    try {
      // It does not come back.
      process.execve(node, [node, ...argv], process.env);
    } catch (error) {
      fail(`Cannot run ${node}: ${String(error)}`);
    }
    return;
  }
  await runAsChild(node, argv);
}

function findCarriedNode(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const name of namesIn(join(folder, "node_modules"))) {
      const node = join(folder, "node_modules", name, "bin/node");
      if (name.startsWith("node-linux-") && isExecutable(node)) return node;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Ends with the child's exit code, or by the signal that ended the child. */
function runAsChild(node: string, argv: readonly string[]): Promise<void> {
  const child = spawn(node, argv, { stdio: "inherit" });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // A terminal sends its Ctrl-C to both of us.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve) => {
    child.once("error", (error) => {
      fail(`Cannot run ${node}: ${error.message}`);
      resolve();
    });
    child.once("exit", (code, signal) => {
      process.exitCode = code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]);
      if (signal !== null) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
      resolve();
    });
  });
}

function fail(text: string): void {
  say(text);
  process.exitCode = UNAVAILABLE;
}

function say(text: string): void {
  process.stderr.write(`postern: ${text}\n`);
}
