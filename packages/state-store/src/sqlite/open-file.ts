import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { codeOf, ForeignFile } from "./file-fault.ts";
import { refuseLinks } from "./refuse-links.ts";

/** "Post", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x506f7374;
const SCHEMA_VERSION = 1;
/** For owner and group: the daemon and an engine of OpenSMTPD run as two users. */
const MODE = 0o660;
const BUSY_TIMEOUT_MS = { reader: 20, writer: 2_000 };

/*
 * first_day: when the row was first written. rank: 0 in probation, 1 proven. written: turn.ts. expires: seconds since 1970.
 * tally: how many rows each rank has, as counting a million takes too long to do it for each batch.
 */
const SCHEMA = `
  CREATE TABLE entry (
    key TEXT PRIMARY KEY, fields TEXT NOT NULL, first_day INTEGER NOT NULL, rank INTEGER NOT NULL,
    written INTEGER NOT NULL, expires INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX entry_age ON entry (rank, written);
  CREATE TABLE tally (rank INTEGER PRIMARY KEY, entries INTEGER NOT NULL);
  INSERT INTO tally VALUES (0, 0), (1, 0);
  CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL);
  INSERT INTO probe VALUES (2, 0);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** An open file, and which one it was: an administrator may move it away under us. */
export interface OpenFile {
  readonly database: DatabaseSync;
  readonly inode: number;
}

/**
 * Opens the file, and makes it one of ours if it is empty or not there. SQLite gives its -wal and -shm the mode and
 * (as root) the owner of the file, whatever the umask.
 * @throws {Error} of SQLite, of open(2), or {@link ForeignFile}.
 */
export function openFile(path: string, role: "reader" | "writer"): OpenFile {
  const inode = prepareFile(path);
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS[role]}`);
    // SQLite follows links, so what it has opened must be what we have looked at.
    if (!isInPlace(path, { inode })) throw new ForeignFile("it was replaced while it was opened");
    if (isNew(database)) makeSchema(database);
    // Whoever reads an -shm must be able to write it, so WAL comes after we know that the file is ours.
    database.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF",
    );
    return { database, inode };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether the path still leads to the file that was opened. */
export function isInPlace(path: string, { inode }: Pick<OpenFile, "inode">): boolean {
  try {
    return lstatSync(path).ino === inode;
  } catch {
    return false;
  }
}

function prepareFile(path: string): number {
  refuseLinks(path);
  const descriptor = openFor(path);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new ForeignFile("it is not a file; choose another path");
    const { ino, mode, size, uid } = stats;
    const isMine = uid === process.geteuid?.();
    // The umask of a mail server is 022 or 077, and cannot be changed for one file in a process with threads.
    if (size === 0 && isMine && (mode & 0o777) !== MODE) fchmodSync(descriptor, MODE);
    return ino;
  } finally {
    closeSync(descriptor);
  }
}

/** Neither follows a symbolic link, and no pipe is waited for. */
function openFor(path: string): number {
  try {
    return openSync(path, "wx+", MODE);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }
}

/**
 * Whether nothing is in it yet.
 *
 * @throws {ForeignFile} if it is none of ours.
 */
export function isNew(database: DatabaseSync): boolean {
  const id = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  if (id === APPLICATION_ID && version === SCHEMA_VERSION) return false;
  if (id === APPLICATION_ID) {
    throw new ForeignFile(`it is of version ${version}, this Postern knows ${SCHEMA_VERSION}`);
  }
  const row = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
  if (id === 0 && row?.["count"] === 0) return true;
  throw new ForeignFile("it is the file of another program; choose another path");
}

function makeSchema(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    if (isNew(database)) database.exec(SCHEMA);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}
