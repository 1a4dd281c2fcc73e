import { tmpdir } from "node:os";
import type { FailureAnswer } from "./engine-messages.ts";
import type { FilterEvent } from "./events.ts";
import { openSpoolFile, type SpoolFile } from "./spool/spool-file.ts";
import { type StartTimer, startTimer } from "./timers.ts";

/** How sessions behave. Nothing must be given. */
export interface FilterOptions {
  /** What is said where the engine does not answer, until it says itself what it wants said. Default `accept`. */
  readonly onFailure?: FailureAnswer;
  /** Guard above the deadlines of the port's own, for every answer but the verdict on a message. Default 9,000. */
  readonly commandDeadlineMs?: number;
  /** The same for the verdict, from the end of the message on. Default 65,000. */
  readonly messageDeadlineMs?: number;
  /** Sessions that are kept; more pass unseen. Default 10,000. */
  readonly maxSessions?: number;
  /** Lines of a message that are held; one with more is refused with 552. Default 1,000,000. */
  readonly maxLines?: number;
  /** A line longer than smtpd takes back: refuse the message with 550, or break it. Default `refuse`. */
  readonly longLines?: "refuse" | "wrap";
  /** What one message may take of memory before it goes to a file. Default 1 MiB. */
  readonly messageMemoryBytes?: number;
  /** What all of them may. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** Where those files are. Default the system's folder for temporary files. */
  readonly spoolFolder?: string;
  readonly onEvent?: (event: FilterEvent) => void;
  readonly startTimer?: StartTimer;
  /** Instead of `spoolFolder`: for tests. */
  readonly openSpoolFile?: () => SpoolFile;
}

/** Options with nothing left open. */
export type Settings = Required<FilterOptions>;

/** Fills in the defaults. */
export function settingsOf(options: FilterOptions): Settings {
  const { spoolFolder = tmpdir() } = options;
  return {
    onFailure: options.onFailure ?? "accept",
    commandDeadlineMs: options.commandDeadlineMs ?? 9000,
    messageDeadlineMs: options.messageDeadlineMs ?? 65_000,
    maxSessions: options.maxSessions ?? 10_000,
    maxLines: options.maxLines ?? 1_000_000,
    longLines: options.longLines ?? "refuse",
    messageMemoryBytes: options.messageMemoryBytes ?? 1 << 20,
    memoryBytes: options.memoryBytes ?? 64 << 20,
    spoolFolder,
    onEvent: options.onEvent ?? (() => {}),
    startTimer: options.startTimer ?? startTimer,
    openSpoolFile: options.openSpoolFile ?? (() => openSpoolFile(spoolFolder)),
  };
}
