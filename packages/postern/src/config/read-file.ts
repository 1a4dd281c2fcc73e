import { closeSync, openSync, readSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

/**
 * Reads a file, but at most `maxBytes` + 1 bytes: a longer result tells the caller that the file is too large.
 *
 * @throws the error of the system, with its `code`.
 */
export function readFileUpTo(path: string, maxBytes: number): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    let buffer = Buffer.alloc(65_536);
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
      const room = Math.min(buffer.length, maxBytes + 1) - length;
      const count = room === 0 ? 0 : readSync(descriptor, buffer, length, room, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Why a file cannot be read. */
export function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES") return "cannot be read by this user (permission denied)";
  if (code === "EISDIR") return "is a folder, not a file";
  return `cannot be read: ${code ?? (error instanceof Error ? error.message : String(error))}`;
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** A path as messages show it: relative if it is below the working directory. A daemon works in `/`. */
export function shownPath(path: string, cwd: string): string {
  if (cwd === "/") return path;
  const below = relative(cwd, path);
  return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below;
}
