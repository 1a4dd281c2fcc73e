import type { Clock } from "../clock.ts";
import type { Ask, Question } from "./question.ts";
import { type DnsAnswer, fault } from "./resolver.ts";
import { zoneOf } from "./zone-of.ts";

export type BreakerState = "closed" | "open";

export interface BreakerOptions {
  /** Asks the resolver something that it must know. Any answer is an answer, a failure too. Never rejects. */
  probe(): Promise<"answers" | "silent">;
  /** Called after each change. */
  onChange?(state: BreakerState): void;
}

export interface Breaker {
  readonly ask: Ask;
  state(): BreakerState;
  counters(): BreakerCounters;
  /** Stops probing. */
  close(): void;
}

export interface BreakerCounters {
  /** Questions that met silence. */
  readonly silent: number;
  /** Questions answered "resolver down" at once. */
  readonly spared: number;
  readonly opened: number;
  readonly probes: number;
}

/** Distinct zones silent within this time, without an answer from any in between, raise the suspicion. */
const SUSPICIOUS_ZONES = 5;
const WINDOW_MS = 10_000;
/** While open. */
const PROBE_EVERY_MS = 5_000;

/**
 * Spares the askers the wait for a resolver that is down (DESIGN.md section 2).
 * Silence of the zones a client chose is his doing, so a suspicion only leads to a probe of our own,
 * and only its silence opens the breaker. The first answer of anything closes it.
 */
export function breaker(ask: Ask, clock: Clock, options: BreakerOptions): Breaker {
  const silentZones = new Map<string, number>();
  let state: BreakerState = "closed";
  let isProbing = false;
  let isStopped = false;
  let cancelProbe = () => {};
  let answers = 0;
  let silent = 0;
  let spared = 0;
  let opened = 0;
  let probes = 0;

  const change = (next: BreakerState) => {
    if (next === state || isStopped) return;
    state = next;
    silentZones.clear();
    cancelProbe();
    if (next === "open") {
      opened += 1;
      scheduleProbe();
    }
    options.onChange?.(next);
  };

  const scheduleProbe = () => {
    cancelProbe = clock.after(PROBE_EVERY_MS, () => void tryToClose());
  };

  const probe = async () => {
    probes += 1;
    isProbing = true;
    const answersBefore = answers;
    const outcome = await options.probe();
    isProbing = false;
    return answers === answersBefore ? outcome : "answers";
  };

  const tryToClose = async () => {
    const outcome = await probe();
    if (state === "closed" || isStopped) return;
    if (outcome === "answers") change("closed");
    else scheduleProbe();
  };

  const tryToOpen = async () => {
    const outcome = await probe();
    silentZones.clear();
    if (outcome === "silent") change("open");
  };

  const noteSilence = (question: Question) => {
    silent += 1;
    if (state === "open" || isProbing) return;
    const now = clock.nowMs();
    for (const [zone, sinceMs] of silentZones) {
      if (now - sinceMs > WINDOW_MS) silentZones.delete(zone);
    }
    silentZones.set(zoneOf(question.name), now);
    if (silentZones.size >= SUSPICIOUS_ZONES) void tryToOpen();
  };

  const noteAnswer = () => {
    answers += 1;
    silentZones.clear();
    change("closed");
  };

  return {
    ask: async (question) => {
      if (state === "open") {
        spared += 1;
        return fault("resolver down");
      }
      const answer = await ask(question);
      const sign = signOf(answer);
      if (sign === "alive") noteAnswer();
      if (sign === "silent") noteSilence(question);
      return answer;
    },
    state: () => state,
    counters: () => ({ silent, spared, opened, probes }),
    close: () => {
      isStopped = true;
      cancelProbe();
    },
  };
}

/** What an outcome says about the resolver. What we did not send says nothing. */
function signOf(answer: DnsAnswer): "alive" | "silent" | "nothing" {
  if (answer.status !== "temperror") return "alive";
  switch (answer.detail) {
    case "timeout":
    case "unreachable":
      return "silent";
    case "servfail":
    case "refused":
    case "bad answer":
      return "alive";
    default:
      return "nothing";
  }
}
