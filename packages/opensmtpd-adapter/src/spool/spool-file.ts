import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Where what does not fit into memory is put. Any method may throw: a disk is full, or gone. */
export interface SpoolFile {
  /** Puts the bytes at the end. */
  append(bytes: Uint8Array): void;
  /** Exactly these bytes. */
  read(position: number, length: number): Buffer;
  close(): void;
}

/**
 * A file of mode 0600 without a name: nobody else can open it, and it is gone with us. Reads and writes block; they
 * go to the page cache, a block at a time.
 *
 * @throws {Error} if it cannot be made in that folder.
 */
export function openSpoolFile(folder: string): SpoolFile {
  const path = join(folder, `postern-${randomBytes(12).toString("hex")}`);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  let size = 0;
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    append(bytes) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, size + done);
      size += bytes.length;
    },
    read(position, length) {
      const bytes = Buffer.allocUnsafeSlow(length);
      for (let done = 0; done < length; ) {
        const count = readSync(fd, bytes, done, length - done, position + done);
        if (count === 0) throw new Error(`Cannot read ${length} bytes of the spool at ${position}`);
        done += count;
      }
      return bytes;
    },
    close: () => closeSync(fd),
  };
}
