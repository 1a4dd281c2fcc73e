import type { BigIntStats } from "node:fs";
import { constants, open, stat } from "node:fs/promises";
import { isAbsolute, relative } from "node:path";

/** A file that is written to while it is read is read again, so often. */
const MAX_READS = 3;

/** Something that is there and cannot be read as a file; the message says why: `is a FIFO, not a regular file`. */
class UnusableFileError extends Error {}

/**
 * Reads a regular file, without holding up anybody: nothing else is opened, and no half of a file is taken that is being
 * written.
 *
 * @throws the error of the system, with its `code`, or one that {@link whyUnreadable} explains.
 */
export async function readRegularFile(path: string, maxBytes: number): Promise<Buffer> {
  // To open some devices does something, so none is; the second look is at what was opened.
  refuseOthers(await stat(path, { bigint: true }));
  // The opening of a FIFO would wait for a writer; a terminal would become ours.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    return await readSettled(handle, maxBytes);
  } finally {
    await handle.close();
  }
}

/** Reads what is open until nobody writes to it meanwhile, as {@link readRegularFile} does. */
export async function readSettled(handle: Readable, maxBytes: number): Promise<Buffer> {
  for (let reads = 1; ; reads += 1) {
    const before = await handle.stat({ bigint: true });
    refuseOthers(before);
    const bytes = before.size > maxBytes ? null : await readAll(handle, maxBytes);
    if (bytes === null) throw new UnusableFileError(`is too large: the limit is ${maxBytes} bytes`);
    const { mtimeNs, size } = await handle.stat({ bigint: true });
    if (mtimeNs === before.mtimeNs && size === before.size) return bytes;
    if (reads === MAX_READS)
      throw new UnusableFileError("is being written to: write another file and rename it");
  }
}

/** What of an open file is used. */
interface Readable {
  stat(options: { bigint: true }): Promise<BigIntStats>;
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** What is there instead of a regular file: `is a FIFO, not a regular file`; null: it is one. */
export function whyNoRegularFile(
  found: Pick<BigIntStats, "isFile" | "isDirectory" | "isFIFO" | "isSocket">,
): string | null {
  if (found.isFile()) return null;
  if (found.isDirectory()) return "is a folder, not a file";
  const what = found.isFIFO() ? "FIFO" : found.isSocket() ? "socket" : "device";
  return `is a ${what}, not a regular file`;
}

/** Why a file cannot be read. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof UnusableFileError) return error.message;
  const code = codeOf(error);
  if (code === "ENOENT") return "does not exist";
  if (code === "EACCES") return "cannot be read by this user (permission denied)";
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

function refuseOthers(found: BigIntStats): void {
  const why = whyNoRegularFile(found);
  if (why !== null) throw new UnusableFileError(why);
}

/** All that there is, whatever size was told: files below /proc have none. Null: more than `maxBytes`. */
async function readAll(handle: Pick<Readable, "read">, maxBytes: number): Promise<Buffer | null> {
  let buffer = Buffer.alloc(65_536);
  let length = 0;
  for (;;) {
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(length)]);
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) return null;
  }
}
