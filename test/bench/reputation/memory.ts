import {
  type Decision,
  type Facts,
  identitiesOf,
  type Judgement,
  type MessageOutcome,
  type Policy,
  type ReputationPolicy,
} from "@postern/filter-core";
import type { Clock } from "@postern/smtp-filter";
import { type History, openHistory } from "../../../packages/filter-runtime/src/history/history.ts";
import { HistoryFacts } from "../../../packages/filter-runtime/src/history/history-facts.ts";
import { Lessons } from "../../../packages/filter-runtime/src/history/lessons.ts";
import { storeKey } from "../../../packages/filter-runtime/src/history/store-key.ts";
import { mapStore } from "../../../packages/filter-runtime/src/testing/map-store.ts";
import type { Mark } from "../../../packages/postern/src/learn/mark-memory.ts";
import { type MarkedMail, markMail } from "../../../packages/postern/src/learn/marks.ts";

/** The filter's own history over a map, at the time of the simulation. */
export class Memory {
  readonly #policy: Policy;
  readonly #reputation: ReputationPolicy;
  readonly #store = mapStore();
  readonly #history: History;
  #nowMs = 0;

  constructor(policy: Policy, reputation: ReputationPolicy, startMs: number) {
    this.#policy = policy;
    this.#reputation = reputation;
    this.#nowMs = startMs;
    const clock: Clock = {
      nowMs: () => this.#nowMs,
      wallMs: () => this.#nowMs,
      after: () => () => {},
    };
    this.#history = openHistory(this.#store, clock);
  }

  /** The facts, and what is remembered, as one connection with one message recalls it. */
  async recall(facts: Facts, atMs: number): Promise<Facts> {
    this.#nowMs = atMs;
    const historyFacts = new HistoryFacts(this.#history, this.#reputation);
    await historyFacts.client(facts);
    await historyFacts.message(facts, () => true);
    return { ...facts, ...historyFacts.facts(atMs) };
  }

  /** A connection that ends here teaches what it would teach the daemon. */
  judged(facts: Facts, judgement: Judgement, outcome: MessageOutcome): void {
    new Lessons(this.#history, this.#policy).judged(facts, judgement, outcome);
  }

  refused(facts: Facts, decision: Decision): void {
    new Lessons(this.#history, this.#policy).refused(facts, decision);
  }

  guessed(facts: Facts): void {
    new Lessons(this.#history, this.#policy).misconduct(facts, "unknownRecipient");
  }

  answered({ from }: Facts): void {
    if (from !== null && from !== "null-sender")
      new Lessons(this.#history, this.#policy).wrote([from]);
  }

  /** A reader's mark, as `postern learn` learns it. */
  async marked(
    mail: Omit<MarkedMail, "keys">,
    mark: Mark,
    facts: Facts,
    atMs: number,
  ): Promise<void> {
    this.#nowMs = atMs;
    const keys = identitiesOf(facts, this.#reputation.sharedPools).map(({ key }) => storeKey(key));
    const marked = { ...mail, keys };
    const { rows, write } = this.#store;
    const read = async (wanted: readonly string[]) =>
      ({
        kind: "found",
        rows: new Map(wanted.flatMap((key) => [[key, rows.get(key) ?? {}] as const])),
      }) as const;
    const store = { read, write, flush: async () => {} };
    await markMail(store, rows, marked, mark, this.#reputation, atMs);
  }
}
