import type { Action } from "@postern/filter-core";
import type { Clock } from "@postern/smtp-filter";

/**
 * Refusals of one session that have a line of their own. Chosen: the largest mail hosts send a hundred mails a session,
 * and who is refused more often gains a line of 1 KiB for every 40 bytes he sends.
 */
const LINES = 100;
/** A session may last for hours: so often what has no line is counted in one, and at the end. */
const COUNT_EVERY_MS = 60_000;

/** What was refused without a line of its own. */
export interface Counted {
  /** What the clients were told: by it they are found. */
  readonly id: string;
  readonly refused: number;
  readonly refusals: readonly {
    readonly action: Action;
    readonly rule: string | null;
    readonly times: number;
  }[];
}

interface Count {
  readonly id: string;
  readonly sinceMs: number;
  readonly times: Map<
    string,
    { readonly action: Action; readonly rule: string | null; times: number }
  >;
}

/** How many refusals of a session are still written; those that are not all have the id of the line that counts them. */
export class LineBudget {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #newId: () => string;
  #left = LINES;
  #count: Count | undefined;

  constructor(clock: Pick<Clock, "nowMs">, newId: () => string) {
    this.#clock = clock;
    this.#newId = newId;
  }

  /** The id of what may become a refusal. */
  refusalId(): string {
    if (this.#left > 0) return this.#newId();
    this.#count ??= { id: this.#newId(), sinceMs: this.#clock.nowMs(), times: new Map() };
    return this.#count.id;
  }

  /** A refusal was written. */
  spend(): void {
    this.#left -= 1;
  }

  /**
   * @param id of {@link refusalId}.
   * @returns `counted`, or `due`: the same, and it is time for {@link takeAll}; `write`: it is to have a line of its own.
   */
  count(
    id: string,
    { action, rule }: { readonly action: Action; readonly rule: string | null },
  ): "write" | "counted" | "due" {
    if (this.#count?.id !== id) return "write";
    const { times, sinceMs } = this.#count;
    const key = `${action}:${rule}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { action, rule, times: 1 });
    else known.times += 1;
    return this.#clock.nowMs() - sinceMs >= COUNT_EVERY_MS ? "due" : "counted";
  }

  /** What was counted since the last time; undefined: nothing. */
  takeAll(): Counted | undefined {
    const count = this.#count;
    this.#count = undefined;
    if (count === undefined || count.times.size === 0) return undefined;
    const refusals = [...count.times.values()].toSorted((a, b) => b.times - a.times);
    const refused = refusals.reduce((sum, { times }) => sum + times, 0);
    return { id: count.id, refused, refusals };
  }
}
