import { spawn } from "node:child_process";
import { once } from "node:events";
import { dieWithParent } from "./die-with-parent.ts";

/**
 * Runs `action` while this process holds an exclusive lock on `path` (flock(2), held by a flock(1)
 * child). The kernel frees the lock when the holder dies, so there is no stale lock to detect, and it
 * works between processes of different pid namespaces. Waits without limit.
 * @throws {Error} if flock cannot be started or the lock file cannot be opened.
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const [command, args] = dieWithParent("flock", [path, "sh", "-c", "echo locked; read end"]);
  const holder = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const isOver = once(holder, "exit");
  await Promise.race([once(holder.stdout, "data"), isOver]);
  if (holder.exitCode !== null) throw new Error(`Cannot lock ${path}: see flock's message above`);
  try {
    return await action();
  } finally {
    holder.stdin.end("\n");
    await isOver;
  }
}
