import type { Buffer } from "node:buffer";
import type { FailureAnswer, ToEngine } from "../engine-messages.ts";
import type { FilterEvent } from "../events.ts";
import type { Settings } from "../options.ts";
import type { SpoolRoom } from "../spool/spool-room.ts";
import type { Feeder } from "./feeder.ts";
import type { Questions } from "./questions.ts";
import type { Releases } from "./releases.ts";

/** Where the lines for smtpd go. */
export interface Outlet {
  /** An answer, as latin1, with its LF. */
  send(line: string): void;
  /** A stretch of a message. false: no more before the next call of `drained`. */
  write(stretch: Buffer): boolean;
}

/** The way to the engine. */
export interface EngineLink {
  /** Another number for each engine that was started; 0 while there is none. */
  readonly generation: number;
  send(message: ToEngine): void;
}

/** What all sessions have in common. */
export interface FilterContext {
  readonly settings: Settings;
  readonly engine: EngineLink;
  readonly outlet: Outlet;
  readonly questions: Questions;
  readonly feeder: Feeder;
  readonly releases: Releases;
  readonly room: SpoolRoom;
  readonly report: (event: FilterEvent) => void;
  /** Does what must not throw; an exception is reported, then `rescue` is called. */
  readonly guard: (work: () => void, rescue?: () => void) => void;
  /** Never the same number again: for sessions and messages. */
  readonly nextNumber: () => number;
  /** What `config|smtpd-version` said. */
  smtpdVersion: string | null;
  onFailure: FailureAnswer;
}
