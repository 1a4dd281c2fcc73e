import { lstatSync } from "node:fs";
import { SymbolicLink } from "./file-fault.ts";

/** Of the file's name: SQLite keeps these beside it. It follows none of them either, but says only that it cannot open. */
const SUFFIXES = ["", "-wal", "-shm", "-journal"];

/**
 * Looks whether a file, or one of those that SQLite keeps beside it, is a symbolic link. Folders on the way may be.
 *
 * @throws {SymbolicLink}
 */
export function refuseLinks(path: string): void {
  for (const suffix of SUFFIXES) {
    const name = `${path}${suffix}`;
    if (lstatSync(name, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new SymbolicLink(name);
  }
}
