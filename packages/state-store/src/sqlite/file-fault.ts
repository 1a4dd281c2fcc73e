import { StoreFault } from "../backend.ts";

/** Result codes of SQLite (sqlite.org/rescode.html); the lower eight bits of an extended one. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** Somebody may have put it there, to have what it leads to written, or made, by us. */
export class SymbolicLink extends Error {
  override readonly name = "SymbolicLink";

  constructor(path: string) {
    super(
      `Cannot use ${path}: it is a symbolic link; remove the link, or name the file that it leads to in state:`,
    );
  }
}

/** Not this file, for good: it is left as it is. */
export class ForeignFile extends Error {
  override readonly name = "ForeignFile";
}

/** What went wrong with the file, as a sentence that says what to do. A transaction that fails changes nothing. */
export function faultOfFile(path: string, error: unknown): StoreFault {
  const fault = (message: string, weight: StoreFault["weight"]) =>
    new StoreFault(message, { batch: "not-applied", weight, cause: error });
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof StoreFault) return error;
  if (error instanceof SymbolicLink) return fault(text, "proof");
  if (error instanceof ForeignFile) return fault(`Cannot use ${path}: ${text}`, "proof");
  switch (resultCode(error)) {
    case BUSY:
    case LOCKED:
      return fault(`Cannot use ${path} now: another process holds its lock`, "busy");
    case READONLY:
      return fault(
        `Cannot write ${path}: let this user's group write the file, its -wal and -shm and its folder`,
        "proof",
      );
    case FULL:
      return fault(`Cannot write ${path}: the disk is full`, "proof");
    case CORRUPT:
      return fault(
        `Cannot use ${path}: it is damaged; move it and its -wal and -shm away and a new one is made`,
        "proof",
      );
    case NOTADB:
      return fault(
        `Cannot use ${path}: it is not an SQLite file; move it away or choose another path`,
        "proof",
      );
    case CANTOPEN:
      return fault(`Cannot open ${path}: is its folder there and may this user write it?`, "proof");
    case IOERR:
      return fault(`Cannot use ${path}: input/output error (${text})`, "proof");
    default:
      return fault(`Cannot use ${path}: ${text}`, "suspicion");
  }
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode, code } = error as Error & { errcode?: unknown; code?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  // Of our own open(2), before SQLite sees the file.
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") return READONLY;
  if (code === "ENOSPC" || code === "EDQUOT") return FULL;
  if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return CANTOPEN;
  return undefined;
}

/** The name of an error of the system: `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code;
}
