import { accessSync, constants, lstatSync, type Stats } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StoreFault } from "../backend.ts";
import { codeOf } from "./file-fault.ts";
import { isInPlace, isNew, type OpenFile } from "./open-file.ts";
import { refuseLinks } from "./refuse-links.ts";

/** A process that writes holds its lock for milliseconds. */
const BUSY_TIMEOUT_MS = 500;

/**
 * Opens a file of ours for reading, also while a daemon writes it, which goes on undisturbed. Not a byte of the file, its
 * -wal or its -shm is written, and none of them is made. (As root, SQLite gives -wal and -shm the owner of the file.)
 *
 * @throws {StoreFault}, or {Error} of SQLite.
 */
export function openReadOnly(path: string): OpenFile {
  const url = pathToFileURL(path);
  const inode = lookAt(path);
  url.search = howToOpen(path);
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA trusted_schema = OFF`);
    if (!isInPlace(path, { inode })) throw fault(`${path} was replaced while it was opened`);
    if (isNew(database)) throw fault(`${path} is empty: nothing has been learned yet`);
    return { database, inode };
  } catch (error) {
    database.close();
    throw error;
  }
}

function lookAt(path: string): number {
  try {
    refuseLinks(path);
    const file = lstatSync(path);
    // A pipe would wait for its other end.
    if (!file.isFile()) throw fault(`Cannot read ${path}: it is not a file`);
    accessSync(path, constants.R_OK);
    return file.ino;
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw fault(`${path} does not exist`);
    if (codeOf(error) === "EACCES")
      throw fault(
        `Cannot read ${path}: this user may not; run this as root, or as a member of the file's group`,
      );
    throw error;
  }
}

/** The parameters of SQLite's file names (sqlite.org/uri.html). */
function howToOpen(path: string): string {
  const wal = sizeOf(`${path}-wal`);
  const shm = sizeOf(`${path}-shm`);
  // Somebody has it open, or ended without closing it. Its -shm is not written either.
  if (wal !== undefined && shm !== undefined) return "mode=ro&readonly_shm=1";
  // Nobody has; without this SQLite would make a -wal.
  if (wal === undefined || wal === 0) return "mode=ro&immutable=1";
  throw fault(`Cannot read ${path}: its -wal holds changes, and there is no -shm to find them by`);
}

function sizeOf(path: string): number | undefined {
  const stats: Stats | undefined = lstatSync(path, { throwIfNoEntry: false });
  return stats?.size;
}

function fault(message: string): StoreFault {
  return new StoreFault(message, { batch: "not-applied", weight: "proof" });
}
