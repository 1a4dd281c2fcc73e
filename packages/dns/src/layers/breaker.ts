import type { Clock } from "@postern/smtp-filter";
import { type DnsAnswer, fault } from "../answer/answer.ts";
import type { Ask, Question } from "../answer/question.ts";
import { zoneOf } from "./zone-of.ts";

/**
 * - `untried`: no good answer yet, ever. Questions are asked, and yet the resolver counts as down
 * - `erring`: it counts as down and is asked on: strangers' zones and our own probe, which worked before or nothing did,
 *   are answered with errors
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

/**
 * Distinct zones silent within this time without an answer from any in between, or with errors without a good one,
 * raise the suspicion.
 */
const SUSPICIOUS_ZONES = 5;
const WINDOW_MS = 10_000;
/** Why it is probed. What answers with errors is not silent, whatever becomes of the probe. */
type Reason = "silence" | "errors" | "routine";

/** While it is not closed. */
const PROBE_EVERY_MS = 5_000;

/**
 * Spares the askers the wait for a resolver that is down.
 * Silence and errors of the zones a client chose are his doing, so a suspicion only leads to a probe of our own, and only
 * its silence opens the breaker, only its errors make it `erring`, and that only where the probe has worked before: some
 * resolvers refuse the root to everybody. The first good answer of anything closes it.
 */
export function breaker(ask: Ask, clock: Clock, options: BreakerOptions): Breaker {
  const silentZones = new Map<string, number>();
  const failingZones = new Map<string, number>();
  let state: BreakerState = "untried";
  let hasWorked = false;
  let hasProbeWorked = false;
  let isProbing = false;
  let isStopped = false;
  let cancelProbe = () => {};
  let answers = 0;
  let goodAnswers = 0;
  let silent = 0;
  let spared = 0;
  let opened = 0;
  let probes = 0;

  const change = (next: BreakerState) => {
    if (next === state || isStopped) return;
    state = next;
    silentZones.clear();
    failingZones.clear();
    if (next === "open") opened += 1;
    if (next === "closed") cancelProbe();
    else scheduleProbe();
    options.onChange?.(next);
  };

  const scheduleProbe = () => {
    cancelProbe();
    cancelProbe = clock.after(PROBE_EVERY_MS, () => void probeNow("routine"));
  };

  const noteGood = (): void => {
    answers += 1;
    goodAnswers += 1;
    silentZones.clear();
    failingZones.clear();
    hasWorked = true;
    change("closed");
  };

  const noteError = (question: Question): void => {
    answers += 1;
    silentZones.clear();
    if (state === "open" || (isProbing && !hasWorked)) change("erring");
    else if (state !== "erring") suspect("errors", failingZones, question);
  };

  const noteSilence = (question: Question): void => {
    silent += 1;
    if (state !== "open") suspect("silence", silentZones, question);
  };

  const suspect = (why: Reason, zones: Map<string, number>, { name }: Question): void => {
    if (isProbing) return;
    const now = clock.nowMs();
    for (const [zone, sinceMs] of zones) {
      if (now - sinceMs > WINDOW_MS) zones.delete(zone);
    }
    zones.set(zoneOf(name), now);
    if (zones.size >= SUSPICIOUS_ZONES) void probeNow(why);
  };

  const probeNow = async (why: Reason) => {
    probes += 1;
    isProbing = true;
    const [answersBefore, goodBefore] = [answers, goodAnswers];
    const outcome = await options.probe();
    if (isStopped) return outcome;
    silentZones.clear();
    failingZones.clear();
    if (outcome === "answers") {
      hasProbeWorked = true;
      noteGood();
    } else if (outcome === "silent") {
      if (why !== "errors" && answers === answersBefore) change("open");
    } else if (goodAnswers === goodBefore && (hasProbeWorked || !hasWorked)) change("erring");
    else if (state === "open") change("closed");
    isProbing = false;
    if (state !== "closed") scheduleProbe();
    return outcome;
  };

  return {
    ask: async (question) => {
      if (state === "open") {
        spared += 1;
        return fault("resolver down");
      }
      const answer = await ask(question);
      const sign = signOf(answer);
      if (sign === "answers") noteGood();
      if (sign === "errors") noteError(question);
      if (sign === "silent") noteSilence(question);
      return answer;
    },
    probe: () => probeNow("routine"),
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
