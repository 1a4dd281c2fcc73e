import type { Macro } from "./command.ts";
import { STAGE_LETTERS, type Stage } from "./stage.ts";

const MAX_NAMES = 256;
const MAX_BYTES = 64 * 1024;

const INDEX = new Map<Stage, number>(STAGE_LETTERS.map(([stage], index) => [stage, index]));
const MAIL = indexOf("mail");
const UNKNOWN = indexOf("unknown");
/** Sets that count for the one command they stand before. */
const PASSING = [indexOf("header"), indexOf("body"), UNKNOWN];
/** A second command of these stages must not see the macros of the first. */
const ONCE = new Set([indexOf("connect"), indexOf("helo"), MAIL, ...PASSING]);

interface MacroSet {
  readonly values: ReadonlyMap<string, string>;
  readonly bytes: number;
  /** Whether its command has come. */
  isUsed: boolean;
}

/**
 * The macros of one session, a set for each stage. A set replaces the one before it; a command discards those of later
 * stages; `{name}` and `name` are the same. Holds at most 256 names and 64 KB; what exceeds that is dropped.
 * Values are text of the client (`{cert_subject}`) or of the MTA: never log them raw.
 */
export class MacroStore {
  readonly #sets: (MacroSet | undefined)[] = [];

  /** What names and values take. */
  get bytes(): number {
    let bytes = 0;
    for (const set of this.#sets) if (set !== undefined) bytes += set.bytes;
    return bytes;
  }

  /** SMFIC_MACRO: the macros of `stage` from now on. */
  set(stage: Stage, macros: readonly Macro[]): void {
    const index = indexOf(stage);
    this.#sets[index] = undefined;
    let [names, total] = [0, 0];
    for (const set of this.#sets) {
      names += set?.values.size ?? 0;
      total += set?.bytes ?? 0;
    }
    let bytes = 0;
    const values = new Map<string, string>();
    for (const [name, value] of macros) {
      const size = name.length + value.length;
      if (names + values.size >= MAX_NAMES || total + bytes + size > MAX_BYTES) break;
      bytes += size;
      values.set(bare(name), value);
    }
    this.#sets[index] = { values, bytes, isUsed: false };
  }

  /** A command has come: call before its macros are read. */
  reached(stage: Stage): void {
    const index = indexOf(stage);
    for (const passing of PASSING) if (passing !== index) this.#sets[passing] = undefined;
    const set = this.#sets[index];
    if (set?.isUsed && ONCE.has(index)) this.#sets[index] = undefined;
    else if (set !== undefined) set.isUsed = true;
    if (index !== UNKNOWN) this.#sets.length = Math.min(this.#sets.length, index + 1);
  }

  /** The transaction is over: only what is known of the connection stays. */
  endTransaction(): void {
    this.#sets.length = Math.min(this.#sets.length, MAIL);
  }

  clear(): void {
    this.#sets.length = 0;
  }

  /** The value of a macro, its name without braces, from the latest stage that has it. */
  get(name: string): string | undefined {
    for (let i = this.#sets.length - 1; i >= 0; i -= 1) {
      const value = this.#sets[i]?.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function indexOf(stage: Stage): number {
  return INDEX.get(stage) ?? UNKNOWN;
}

function bare(name: string): string {
  return name.startsWith("{") && name.endsWith("}") ? name.slice(1, -1) : name;
}
