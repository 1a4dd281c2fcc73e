import { stat } from "node:fs/promises";
import type { Clock } from "@postern/smtp-filter";
import { whyNoRegularFile, whyUnreadable } from "../config/read-file.ts";

/** How often the files are looked at, in milliseconds. Notices of the system miss what editors rename into place. */
const LOOK_EVERY_MS = 5_000;

/** What became of a file since it was last looked at. */
export type FileChange =
  | { readonly kind: "changed"; readonly path: string }
  /** `why`: as in "does not exist". */
  | { readonly kind: "gone"; readonly path: string; readonly why: string };

export interface FileWatch {
  /** Looks at these files from now on; a new one is taken as it is now, the others as they were. */
  follow(paths: readonly string[]): Promise<void>;
  /** Takes every file as it is now: to be called before they are read again. */
  refresh(): Promise<void>;
  stop(): void;
}

/**
 * Tells each change of a file once: when its time, its size or the file itself is another.
 *
 * @param onChange is waited for before the next look.
 */
export function watchFiles(
  onChange: (change: FileChange) => Promise<void>,
  clock: Pick<Clock, "after">,
): FileWatch {
  const known = new Map<string, Look>();
  let isStopped = false;
  let cancel = (): void => {};

  const look = async (): Promise<void> => {
    for (const [path, before] of [...known]) {
      const now = await lookAt(path);
      // Another look: the file was read again in the meantime, for another one's sake.
      if (isStopped || known.get(path) !== before || now.stamp === before.stamp) continue;
      known.set(path, now);
      await onChange(
        now.why === null ? { kind: "changed", path } : { kind: "gone", path, why: now.why },
      );
    }
  };
  const schedule = (): void => {
    if (isStopped) return;
    cancel = clock.after(LOOK_EVERY_MS, () => void look().finally(schedule));
  };
  schedule();

  return {
    follow: async (paths) => {
      for (const path of [...known.keys()]) if (!paths.includes(path)) known.delete(path);
      for (const path of paths) if (!known.has(path)) known.set(path, await lookAt(path));
    },
    refresh: async () => {
      for (const path of [...known.keys()]) known.set(path, await lookAt(path));
    },
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

interface Look {
  /** Another one with each change. */
  readonly stamp: string;
  /** Why there is nothing to read; null: there is. */
  readonly why: string | null;
}

async function lookAt(path: string): Promise<Look> {
  try {
    const found = await stat(path, { bigint: true });
    const { mtimeNs, size, ino } = found;
    const why = whyNoRegularFile(found);
    return { stamp: why ?? `${mtimeNs} ${size} ${ino}`, why };
  } catch (error) {
    const why = whyUnreadable(error);
    return { stamp: why, why };
  }
}
