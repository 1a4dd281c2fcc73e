import type { Clock } from "../clock.ts";
import type { Ask, Question } from "./question.ts";
import { type DnsAnswer, fault } from "./resolver.ts";
import { zoneOf } from "./zone-of.ts";

/**
 * - `untried`: no good answer yet, ever. Questions are asked, and yet the resolver counts as down
 * - `erring`: the same, and a probe was answered with an error
 * - `closed`: the resolver works
 * - `open`: it does not answer, and is not queried
 */
export type BreakerState = "untried" | "erring" | "closed" | "open";

/** `answers`: records, or that there are none. `errors`: only SERVFAIL, REFUSED and the like. */
export type ProbeResult = "answers" | "errors" | "silent";

export interface BreakerOptions {
  /** Asks the resolver something that it must know. Never rejects. */
  probe(): Promise<ProbeResult>;
  /** Called after each change. */
  onChange?(state: BreakerState): void;
}

export interface Breaker {
  readonly ask: Ask;
  /** Asks now whether the resolver works, and changes the state by that. To be called at the start. */
  probe(): Promise<ProbeResult>;
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
/** While it is not closed. */
const PROBE_EVERY_MS = 5_000;

/**
 * Spares the askers the wait for a resolver that is down (DESIGN.md section 2).
 * Silence of the zones a client chose is his doing, so a suspicion only leads to a probe of our own,
 * and only its silence opens the breaker. The first answer of anything closes it, an error too: errors are mostly the
 * fault of the zone asked for. A resolver that has never given a good answer has not earned that.
 */
export function breaker(ask: Ask, clock: Clock, options: BreakerOptions): Breaker {
  const silentZones = new Map<string, number>();
  let state: BreakerState = "untried";
  let hasWorked = false;
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
    if (next === "open") opened += 1;
    if (next === "closed") cancelProbe();
    else scheduleProbe();
    options.onChange?.(next);
  };

  const scheduleProbe = () => {
    cancelProbe();
    cancelProbe = clock.after(PROBE_EVERY_MS, () => void probeNow());
  };

  const noteAnswer = (kind: "answers" | "errors") => {
    answers += 1;
    silentZones.clear();
    hasWorked ||= kind === "answers";
    if (hasWorked) change("closed");
    else if (isProbing || state === "open") change("erring");
  };

  const probeNow = async () => {
    probes += 1;
    isProbing = true;
    const answersBefore = answers;
    const outcome = await options.probe();
    if (isStopped) return outcome;
    silentZones.clear();
    if (outcome !== "silent") noteAnswer(outcome);
    else if (answers === answersBefore) change("open");
    isProbing = false;
    if (state !== "closed") scheduleProbe();
    return outcome;
  };

  const noteSilence = (question: Question) => {
    silent += 1;
    if (state === "open" || isProbing) return;
    const now = clock.nowMs();
    for (const [zone, sinceMs] of silentZones) {
      if (now - sinceMs > WINDOW_MS) silentZones.delete(zone);
    }
    silentZones.set(zoneOf(question.name), now);
    if (silentZones.size >= SUSPICIOUS_ZONES) void probeNow();
  };

  return {
    ask: async (question) => {
      if (state === "open") {
        spared += 1;
        return fault("resolver down");
      }
      const answer = await ask(question);
      const sign = signOf(answer);
      if (sign === "answers" || sign === "errors") noteAnswer(sign);
      if (sign === "silent") noteSilence(question);
      return answer;
    },
    probe: probeNow,
    state: () => state,
    counters: () => ({ silent, spared, opened, probes }),
    close: () => {
      isStopped = true;
      cancelProbe();
    },
  };
}

/** What an outcome says about the resolver. What we did not send says nothing. */
function signOf(answer: DnsAnswer): ProbeResult | "nothing" {
  if (answer.status !== "temperror") return "answers";
  switch (answer.detail) {
    case "timeout":
    case "unreachable":
      return "silent";
    case "servfail":
    case "refused":
    case "bad answer":
      return "errors";
    default:
      return "nothing";
  }
}
