import type { Clock } from "@postern/smtp-filter";
import type { ListFault } from "./list-answer.ts";
import type { Health } from "./list-health.ts";

/** Whether a list's answers are used. */
export type ListState =
  /** Until the first successful self-test. */
  | { readonly kind: "untested" }
  | { readonly kind: "trusted" }
  | { readonly kind: "muted"; readonly fault: ListFault; readonly passes: number };

export interface ListStateKeeper {
  state(): ListState;
  /** Ends with the first test, however that ends. */
  readonly firstTest: Promise<void>;
  /** Nothing where it is muted already. */
  mute(fault: ListFault): void;
  /** Tests at once, and again and again. */
  start(test: (state: ListState) => Promise<Health>): void;
  close(): void;
}

const TEST_EVERY_MS = 15 * 60_000;
/** After a test that could not look. */
const TRY_AGAIN_MS = 60_000;
/** In a row, until a muted list is trusted again. */
const PASSES = 2;

/**
 * Keeps the state of one list. One muted late is tested 15 minutes later: answers of its bad time are out of every
 * cache of ours by then (layers/cache.ts of @postern/dns).
 *
 * @param onChange called when a list becomes muted, and when a muted one is trusted again.
 */
export function keepListState(
  clock: Clock,
  initial: "untested" | "trusted",
  onChange: (state: Exclude<ListState, { kind: "untested" }>) => void,
): ListStateKeeper {
  let state: ListState = { kind: initial };
  let test: ((state: ListState) => Promise<Health>) | undefined;
  let isClosed = false;
  let cancel = () => {};
  const { promise: firstTest, resolve: endFirstTest } = Promise.withResolvers<void>();

  const schedule = (ms: number) => {
    cancel();
    if (test !== undefined && !isClosed) cancel = clock.after(ms, () => void run());
  };

  const run = async () => {
    if (test === undefined) return;
    const before = state;
    const health = await test(before);
    // Muted in between: that has set the time of the next test.
    if (state === before && !isClosed) {
      schedule(health.kind === "unknown" ? TRY_AGAIN_MS : TEST_EVERY_MS);
      if (health.kind === "failed") fail(health.fault);
      if (health.kind === "passed") pass();
    }
    endFirstTest();
  };

  const fail = (fault: ListFault) => {
    if (state.kind === "muted") state = { ...state, passes: 0 };
    else mute(fault);
  };

  const pass = () => {
    const wasMuted = state.kind === "muted";
    const passes = state.kind === "muted" ? state.passes + 1 : PASSES;
    if (state.kind === "muted" && passes < PASSES) {
      state = { ...state, passes };
      return;
    }
    state = { kind: "trusted" };
    if (wasMuted) onChange(state);
  };

  const mute = (fault: ListFault) => {
    if (state.kind === "muted") return;
    state = { kind: "muted", fault, passes: 0 };
    schedule(TEST_EVERY_MS);
    onChange(state);
  };

  return {
    state: () => state,
    firstTest,
    mute,
    start: (how) => {
      test = how;
      cancel();
      void run();
    },
    close: () => {
      isClosed = true;
      cancel();
      endFirstTest();
    },
  };
}
