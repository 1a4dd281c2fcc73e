import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../config/read-file.ts";

/**
 * Writes this process's id, under another name first: who reads the file never finds half of it. A file that an ended
 * process left is replaced.
 *
 * @returns what removes the file, unless another process has written it since.
 * @throws {Error} if another postern that runs has written it, or it cannot be written there.
 */
export function writePidFile(path: string): () => void {
  const other = readPid(path);
  if (other !== undefined && other !== process.pid && isPostern(other))
    throw new Error(
      `Cannot write pidFile ${path}: postern runs already as process ${other}: stop it, or give each its own pidFile`,
    );
  const hidden = `${path}.${process.pid}`;
  try {
    rmSync(hidden, { force: true });
    // wx follows no symbolic link that somebody put there.
    writeFileSync(hidden, `${process.pid}\n`, { flag: "wx", mode: 0o644 });
    renameSync(hidden, path);
  } catch (error) {
    rmQuietly(hidden);
    throw new Error(`Cannot write pidFile ${path}: ${why(error, path)}`, { cause: error });
  }
  return () => {
    if (readPid(path) === process.pid) rmQuietly(path);
  };
}

function readPid(path: string): number | undefined {
  let descriptor: number | undefined;
  try {
    // Whoever may write in the folder may have left a FIFO, which would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const bytes = Buffer.alloc(32);
    const text = bytes.toString("latin1", 0, readSync(descriptor, bytes));
    return /^[1-9]\d{0,9}\s*$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** By the title that `serve` gives itself: the number alone may be another program's by now. */
function isPostern(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "latin1").trim() === "postern";
  } catch {
    return false;
  }
}

/** A user without rights in the folder leaves the file: the next start replaces it. */
function rmQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function why(error: unknown, path: string): string {
  const folder = dirname(path);
  const code = codeOf(error);
  if (code === "ENOENT") return `the folder ${folder} does not exist`;
  if (code === "EACCES") return `this user may not write in the folder ${folder}`;
  if (code === "EROFS")
    return `the folder ${folder} is read-only for this process: under systemd use /run/postern`;
  if (code === "EISDIR" || code === "ENOTDIR") return "its path leads to or through something else";
  return error instanceof Error ? error.message : String(error);
}
