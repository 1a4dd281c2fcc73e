import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { readRegularFile, whyUnreadable } from "../config/read-file.ts";
import { UsageError } from "../exit-code.ts";

/** As long as a message that the daemon judges may be. */
const MAX_BYTES = 64 * 1_048_576;

/** The files that one command line names; `-` is stdin. */
export interface Inputs {
  /**
   * @param what the file is for, as a complaint names it: `--dns`, `the message`.
   * @throws {UsageError} if it cannot be read, or stdin was taken for something else.
   */
  read(file: string, what: string): Promise<Buffer>;
  /** The file as a stream, for a reader that may not need all of it. @throws {UsageError} as above. */
  take(what: string): Readable;
}

export function openInputs(stdin: Readable, cwd: string): Inputs {
  let usedFor: string | undefined;
  const take = (what: string): Readable => {
    if (usedFor !== undefined)
      throw new UsageError(
        `stdin can be read only once, here for ${usedFor} and for ${what}: give one of them a file`,
      );
    usedFor = what;
    return stdin;
  };
  return {
    take,
    async read(file, what) {
      if (file === "-") return await buffer(take(what));
      try {
        return await readRegularFile(resolve(cwd, file), MAX_BYTES);
      } catch (error) {
        throw new UsageError(`Cannot read ${file}: it ${whyUnreadable(error)}`, { cause: error });
      }
    },
  };
}
