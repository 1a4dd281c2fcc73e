import {
  type Decision,
  type Facts,
  type Judgement,
  judge,
  type MessageOutcome,
  outcomeOf,
  type Policy,
  rules,
} from "@postern/filter-core";
import { factsOf, type Mail } from "./mail.ts";
import { Memory } from "./memory.ts";
import { dayMs } from "./send.ts";

/** How a message ended. */
export interface End {
  readonly mail: Mail;
  readonly ending: "accepted" | "junk" | "refused" | "given up";
  readonly delayMs: number;
}

/** How many readers say where a message belongs. */
export interface Readers {
  /** Of those who find spam in their inbox. */
  readonly markRate: number;
}

/** As Postfix tries again, roughly: soon, then ever later, and no more after five days. */
const RETRIES_MIN = [10, 40, 120, 300, 600, 1_440, 2_880, 4_320, 7_200];

/** Of good mail in the inbox so many are marked, by mistake or instead of a word to the sender, for each one that marks spam. */
const WRONG_MARKS = 0.01;
/** Twice as many look for what they miss as complain of what they get. */
const RESCUES = 2;

interface Event {
  readonly atMs: number;
  run(): Promise<void>;
}

/** Plays the traffic against the policy; each try is judged, and learned from where there is a store. */
export async function play(
  traffic: readonly Mail[],
  policy: Policy,
  { markRate }: Readers,
): Promise<readonly End[]> {
  const { reputation } = policy;
  const memory = reputation && new Memory(policy, reputation, dayMs(0));
  const ends: End[] = [];
  const queue = new Queue();

  const attempt = async (mail: Mail, atMs: number, tries: number): Promise<void> => {
    const plain = factsOf(mail, atMs);
    const facts = (await memory?.recall(plain, atMs)) ?? plain;
    if (mail.guesses && tries === 0) memory?.guessed(facts);
    const { action } = tell(facts, policy, memory);
    const end = (ending: End["ending"]): void =>
      void ends.push({ mail, ending, delayMs: atMs - mail.atMs });
    switch (action) {
      case "reject":
        end("refused");
        return;
      case "tempfail": {
        const nextMs = mail.atMs + (RETRIES_MIN[tries] ?? 0) * 60_000;
        if (!mail.comesBack || nextMs <= atMs) end("given up");
        else queue.add({ atMs: nextMs, run: () => attempt(mail, nextMs, tries + 1) });
        return;
      }
      default: {
        end(action === "accept" ? "accepted" : "junk");
        if (memory !== undefined) read(mail, facts, action, atMs + mail.readAfterMs, memory);
      }
    }
  };

  const read = (mail: Mail, facts: Facts, action: string, atMs: number, memory: Memory): void => {
    const isInInbox = action === "accept";
    const rate = isInInbox
      ? mail.isSpam
        ? markRate
        : markRate * WRONG_MARKS
      : mail.isSpam
        ? 0
        : Math.min(1, markRate * RESCUES);
    const mark = isInInbox ? "spam" : "ham";
    const marked = { id: `${mail.atMs} ${mail.to}`, user: mail.to, isJunk: !isInInbox };
    if (mail.carelessness < rate)
      queue.add({ atMs, run: () => memory.marked(marked, mark, facts, atMs) });
    if (mail.isAnswered && isInInbox) queue.add({ atMs, run: async () => memory.answered(facts) });
  };

  let next = 0;
  for (;;) {
    const mail = traffic[next];
    const queued = queue.firstMs();
    if (mail !== undefined && mail.atMs <= queued) {
      await attempt(mail, mail.atMs, 0);
      next += 1;
    } else if (queued < Number.POSITIVE_INFINITY) await queue.take()?.run();
    else return ends;
  }
}

function tell(facts: Facts, policy: Policy, memory: Memory | undefined): { action: string } {
  const judgement: Judgement = judge(rules, facts, policy);
  const early: Decision | null = judgement.early;
  if (early !== null) {
    memory?.refused(facts, early);
    return early;
  }
  const outcome: MessageOutcome = outcomeOf(judgement, [], policy);
  memory?.judged(facts, judgement, outcome);
  return outcome;
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
