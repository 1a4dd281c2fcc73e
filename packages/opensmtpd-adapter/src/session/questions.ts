import type { Ask, EngineAnswer } from "../engine-messages.ts";
import type { FilterEvent } from "../events.ts";
import type { Settings } from "../options.ts";

/** How a question to the engine ended: with its answer, at its deadline, or with the engine. */
export type Ending = EngineAnswer | { readonly kind: "late" } | { readonly kind: "lost" };

interface Open {
  readonly what: Ask["kind"];
  readonly settle: (ending: Ending) => void;
  readonly rescue: () => void;
  readonly stopTimer: () => void;
}

/** How many late questions are remembered, to tell a late answer from an invalid one. */
const MAX_LATE = 1_000;

/** The questions that are open. Each is settled once at most: it may be dropped before. */
export class Questions {
  readonly #settings: Settings;
  readonly #report: (event: FilterEvent) => void;
  readonly #guard: (work: () => void, rescue: () => void) => void;
  readonly #open = new Map<number, Open>();
  readonly #late = new Set<number>();
  #last = 0;

  /** @param guard does what must not throw. */
  constructor(
    settings: Settings,
    report: (event: FilterEvent) => void,
    guard: (work: () => void, rescue: () => void) => void,
  ) {
    this.#settings = settings;
    this.#report = report;
    this.#guard = guard;
  }

  get count(): number {
    return this.#open.size;
  }

  /**
   * Opens a question; the number is its name to the engine.
   *
   * @param rescue called if `settle` throws.
   */
  open(what: Ask["kind"], settle: (ending: Ending) => void, rescue: () => void): number {
    this.#last += 1;
    const id = this.#last;
    const { commandDeadlineMs, messageDeadlineMs, startTimer } = this.#settings;
    const deadlineMs = what === "end" ? messageDeadlineMs : commandDeadlineMs;
    const stopTimer = startTimer(deadlineMs, () => {
      if (this.#late.size < MAX_LATE) this.#late.add(id);
      this.#report({ kind: "deadline", what, deadlineMs });
      this.#settle(id, { kind: "late" });
    });
    this.#open.set(id, { what, settle, rescue, stopTimer });
    return id;
  }

  /** The engine has answered. One that is not open any more is reported if it was late. */
  answer(id: number, answer: EngineAnswer): void {
    if (this.#late.delete(id)) this.#report({ kind: "late-answer" });
    const what = this.#open.get(id)?.what;
    if (answer.kind === "failed" && what !== undefined)
      this.#report({ kind: "engine-failed", what });
    this.#settle(id, answer);
  }

  /** Nobody wants to know any more. */
  drop(id: number): void {
    this.#open.get(id)?.stopTimer();
    this.#open.delete(id);
  }

  /** The engine is gone: no question will be answered. */
  loseAll(): void {
    this.#late.clear();
    for (const id of [...this.#open.keys()]) this.#settle(id, { kind: "lost" });
  }

  #settle(id: number, ending: Ending): void {
    const question = this.#open.get(id);
    if (question === undefined) return;
    this.drop(id);
    this.#guard(() => question.settle(ending), question.rescue);
  }
}
