import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { dieWithParent } from "./die-with-parent.ts";

/** How a script is run in namespaces of its own. */
export interface NamespaceOptions {
  /** Added to this process's environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** "inherit" (default) shows the output as it comes, "capture" returns it. */
  readonly output?: "inherit" | "capture";
  /** The `ip` command, from `fetchPackages`; by default the one on PATH. */
  readonly ip?: IpCommand;
  /** After this time all is killed and the exit code is 124. Default: 30 minutes. */
  readonly timeoutMs?: number;
}

/** The `ip` of iproute2: the machine's own, or one that was only unpacked and needs its libraries. */
export interface IpCommand {
  readonly command: string;
  readonly libraries?: string;
}

/** How the script ended. */
export interface NamespaceResult {
  readonly exitCode: number;
  /** stdout and stderr in order of arrival; empty unless captured. */
  readonly output: string;
}

const marker = "POSTERN_NAMESPACE_OUTSIDE";

/**
 * Runs a TypeScript file with this Node in private network, mount and process namespaces: only lo,
 * where 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32 are local addresses, with
 * /etc/resolv.conf asking 127.0.0.1. Whatever the script started is dead when this resolves, and also
 * when this process is killed. Root only. Never rejects because of the script's exit code.
 */
export function runInNamespace(
  scriptPath: string,
  args: readonly string[],
  options: NamespaceOptions = {},
): Promise<NamespaceResult> {
  const [command, argv] = dieWithParent("unshare", [
    ...["-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "--propagation", "private"],
    join(import.meta.dirname, "netns"),
    ...[process.execPath, "--conditions=source", scriptPath, ...args],
  ]);
  const output = options.output ?? "inherit";
  const child = spawn(command, argv, {
    env: childEnvironment(options),
    stdio: ["ignore", ...(output === "capture" ? ["pipe", "pipe"] : ["inherit", "inherit"])] as [
      "ignore",
      "pipe" | "inherit",
      "pipe" | "inherit",
    ],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, options.timeoutMs ?? 1_800_000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      const exitCode = isLate ? 124 : (code ?? 137);
      resolve({ exitCode, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/** Whether this process was started by {@link runInNamespace} and is in another network namespace. */
export function insideNamespace(): boolean {
  const outside = process.env[marker];
  return outside !== undefined && outside !== networkNamespace();
}

/** The name of this process's network namespace, such as `net:[4026531840]`. */
export function networkNamespace(): string {
  return readlinkSync("/proc/self/ns/net");
}

function childEnvironment(options: NamespaceOptions): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env, [marker]: networkNamespace() };
  // A child that believes it is run by `node --test` writes a binary report instead of text.
  delete env["NODE_TEST_CONTEXT"];
  if (options.ip) env["POSTERN_IP"] = options.ip.command;
  if (options.ip?.libraries) env["POSTERN_IP_LIBRARIES"] = options.ip.libraries;
  return env;
}
