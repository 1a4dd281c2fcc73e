import {
  DEFER_ONCE,
  deferralKey,
  type EvidenceKind,
  evidenceOfMessage,
  evidenceOfRefusal,
  type Facts,
  faultKey,
  hasComeBack,
  isSetupFault,
  judge,
  outcomeOf,
  type Policy,
  rules,
} from "@postern/filter-core";
import { factsOf, type Mail, type Sources } from "./mail.ts";
import { Memory } from "./memory.ts";

/** How a message ended. */
export interface End {
  readonly mail: Mail;
  readonly ending: "accepted" | "junk" | "refused" | "given up";
  readonly delayMs: number;
}

/** As Postfix tries again, roughly: soon, then ever later, and no more after five days. */
const RETRIES_MIN = [10, 40, 120, 300, 600, 1_440, 2_880, 4_320, 7_200];

/** A reader looks at his mail after some hours. */
const READ_MS = 4 * 3_600_000;

interface Event {
  readonly atMs: number;
  run(): void;
}

/** Plays the traffic against the policy; each try is judged, and learned from where there is a store. */
export function play(traffic: readonly Mail[], policy: Policy, sources: Sources): readonly End[] {
  const { reputation } = policy;
  const memory = sources.hasStore && reputation ? new Memory(reputation) : undefined;
  const ends: End[] = [];
  const queue = new Queue();

  const attempt = (mail: Mail, atMs: number, tries: number): void => {
    const plain = factsOf(mail, atMs, sources);
    const facts = memory?.recall(plain, atMs) ?? plain;
    if (mail.guesses && tries === 0) memory?.learn("unknownRecipient", facts);
    const { action, rule, evidence } = tell(facts, policy);
    if (evidence !== undefined) memory?.learn(evidence, facts);
    const end = (ending: End["ending"]): void =>
      void ends.push({ mail, ending, delayMs: atMs - mail.atMs });
    switch (action) {
      case "reject":
        end("refused");
        return;
      case "tempfail": {
        memory?.tried(rule === DEFER_ONCE ? deferralKey(facts) : faultKeyOf(facts, rule), atMs);
        const nextMs = mail.atMs + (RETRIES_MIN[tries] ?? 0) * 60_000;
        if (!mail.comesBack || nextMs <= atMs) end("given up");
        else queue.add({ atMs: nextMs, run: () => attempt(mail, nextMs, tries + 1) });
        return;
      }
      default: {
        if (hasComeBack(facts)) memory?.passed(facts);
        end(action === "accept" ? "accepted" : "junk");
        const isMisplaced = mail.isSpam === (action === "accept");
        const read = { ...facts, now: new Date(atMs + READ_MS).toISOString() };
        const mark = mail.isSpam ? "markedSpam" : "markedHam";
        if (memory === undefined) return;
        if (isMisplaced && mail.isMarked)
          queue.add({ atMs: atMs + READ_MS, run: () => memory.learn(mark, read) });
        if (mail.isAnswered && action === "accept")
          queue.add({ atMs: atMs + READ_MS, run: () => memory.wroteTo(facts) });
      }
    }
  };

  let next = 0;
  for (;;) {
    const mail = traffic[next];
    const queued = queue.firstMs();
    if (mail !== undefined && mail.atMs <= queued) {
      attempt(mail, mail.atMs, 0);
      next += 1;
    } else if (queued < Number.POSITIVE_INFINITY) queue.take()?.run();
    else return ends;
  }
}

function tell(
  facts: Facts,
  policy: Policy,
): { action: string; rule: string; evidence: EvidenceKind | undefined } {
  const judgement = judge(rules, facts, policy);
  const { early } = judgement;
  if (early !== null) {
    const evidence = early.action === "reject" ? evidenceOfRefusal(early.rule) : undefined;
    return { action: early.action, rule: early.rule, evidence };
  }
  const outcome = outcomeOf(judgement, [], policy);
  const evidence = evidenceOfMessage(judgement, outcome, policy);
  return { action: outcome.action, rule: outcome.decision?.rule ?? "", evidence };
}

function faultKeyOf(facts: Facts, rule: string): string | undefined {
  return isSetupFault(rule) ? faultKey(facts) : undefined;
}

/** What is still to come, the soonest first: a binary heap. */
class Queue {
  readonly #events: Event[] = [];

  firstMs(): number {
    return this.#events[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = events[parent];
      if (above === undefined || above.atMs <= event.atMs) break;
      events[at] = above;
      at = parent;
    }
    events[at] = event;
  }

  take(): Event | undefined {
    const events = this.#events;
    const [first] = events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child =
        (events[right]?.atMs ?? Number.POSITIVE_INFINITY) <
        (events[left]?.atMs ?? Number.POSITIVE_INFINITY)
          ? right
          : left;
      const below = events[child];
      if (below === undefined || below.atMs >= last.atMs) break;
      events[at] = below;
      at = child;
    }
    events[at] = last;
    return first;
  }
}
