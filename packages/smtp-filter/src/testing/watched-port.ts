import type { Answer, Connection, Edit, Final, Message, Transaction } from "../port.ts";
import { refusal } from "../reply.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { Random } from "./random.ts";

/** Text no reply and no header may let through as it is. */
const HOSTILE: readonly [string, ...string[]] = [
  "no",
  "a\r\n250 ok\r\n.",
  "nul\0 %s 50% off%",
  "4.7.1 \xff\u20ac",
  "x".repeat(5000),
  "",
];
const EDITS: readonly [Edit, ...Edit[]] = [
  { kind: "remove", name: "Authentication-Results", ordinal: 2 },
  { kind: "remove", name: "Authentication-Results", ordinal: 1 },
  { kind: "insert", name: "X-Postern", value: "folded\n here" },
  { kind: "insert", name: "X-Hostile", value: "a\r\nX-Forged: 1\n\n\0b\rc\n" },
  { kind: "insert", name: "no name:", value: "x" },
];

/** What became of a connection, for the checks. */
export interface Watched {
  isClosed: boolean;
}

/** A transaction that mail() gave at once: it must come to an end. */
export interface WatchedTransaction {
  ends: number;
  wasPrompt: boolean;
}

/** A port that does anything, and notes whatever the adapter must not do to it. */
export class WatchedPort {
  readonly faults: string[] = [];
  readonly connections: Watched[] = [];
  readonly transactions: WatchedTransaction[] = [];
  opens = 0;
  /** What is wanted of the body of the message that is under way; `unsure` after trouble. */
  bodyWish: "all" | "enough" | "unsure" = "all";
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #trouble: number;
  readonly #atOnce: "one" | "many";

  /** @param atOnce how many connections may be open at a time. */
  constructor(random: Random, clock: FakeClock, atOnce: "one" | "many") {
    this.#atOnce = atOnce;
    this.#random = random;
    this.#clock = clock;
    this.#trouble = random.pick([0, 0.05, 0.3]);
  }

  open(): Connection {
    this.opens += 1;
    if (this.#atOnce === "one" && this.connections.some(({ isClosed }) => !isClosed))
      this.faults.push("two are open");
    this.#mayThrow();
    const watched: Watched = { isClosed: false };
    this.connections.push(watched);
    const check = (what: string) => {
      if (watched.isClosed) this.faults.push(`${what} after close`);
    };
    return {
      greet: () => this.#do(check, "greet", () => this.#answer()),
      hello: () => this.#do(check, "hello", () => this.#answer()),
      secured: () => this.#now(check, "secured"),
      authenticated: () => this.#now(check, "authenticated"),
      misspoke: () => this.#now(check, "misspoke"),
      mail: () => {
        const prompt = { is: true };
        return this.#do(
          check,
          "mail",
          () => {
            const answer = this.#answer();
            if (answer.kind !== "continue") return { answer };
            return { answer, transaction: this.#transaction(check, prompt) };
          },
          prompt,
        );
      },
      close: () => {
        check("close");
        watched.isClosed = true;
        this.#mayThrow();
      },
    };
  }

  #transaction(outer: (what: string) => void, prompt: { is: boolean }): Transaction {
    const watched: WatchedTransaction = { ends: 0, wasPrompt: prompt.is };
    this.transactions.push(watched);
    let hasMessage = false;
    const check = (what: string) => {
      outer(what);
      if (watched.ends > 0) this.faults.push(`${what} after ended`);
    };
    return {
      rcpt: () => {
        if (hasMessage) this.faults.push("rcpt after message");
        return this.#do(check, "rcpt", () => this.#answer());
      },
      outcome: () => this.#now(check, "outcome"),
      message: () => {
        if (hasMessage) this.faults.push("message twice");
        hasMessage = true;
        this.bodyWish = "all";
        this.#now(check, "message");
        return this.#message(check);
      },
      ended: () => {
        check("ended");
        watched.ends += 1;
        this.bodyWish = "all";
        this.#mayThrow();
      },
    };
  }

  #message(check: (what: string) => void): Message {
    let hasEnough = false;
    let place: "headers" | "body" | "end" = "headers";
    return {
      begun: () => this.#do(check, "begun", () => undefined),
      header: () => {
        if (place !== "headers") this.faults.push(`header in ${place}`);
        this.#now(check, "header");
      },
      body: () => {
        if (place === "end") this.faults.push("body after end");
        if (hasEnough) this.faults.push("body after enough");
        place = "body";
        if (this.#random.chance(0.4)) return this.#do(check, "body", () => undefined);
        this.#now(check, "body");
        if (this.#random.chance(0.5)) return undefined;
        hasEnough = true;
        if (this.bodyWish === "all") this.bodyWish = "enough";
        return "enough";
      },
      end: () => {
        if (place === "end") this.faults.push("end twice");
        place = "end";
        return this.#do(check, "end", () => this.#final());
      },
    };
  }

  #answer(): Answer {
    if (!this.#random.chance(this.#trouble)) return { kind: "continue" };
    const code = this.#random.pick([550, 451, 421, 521, 400 + this.#random.below(200)]);
    const enhanced = this.#random.chance(0.5) ? `${Math.floor(code / 100)}.7.1` : null;
    return { kind: "refuse", reply: refusal(code, enhanced, this.#random.pick(HOSTILE)) };
  }

  #final(): Final {
    if (this.#random.chance(0.3)) return this.#answer();
    const count = this.#random.below(4);
    return {
      kind: "deliver",
      edits: Array.from({ length: count }, () => this.#random.pick(EDITS)),
    };
  }

  #now(check: (what: string) => void, what: string): void {
    check(what);
    this.#mayThrow();
  }

  #mayThrow(): void {
    if (!this.#random.chance(this.#trouble / 8)) return;
    this.bodyWish = "unsure";
    throw new Error("a bug of the port");
  }

  /** At once, later, too late, never, or not at all. */
  #do<T>(
    check: (what: string) => void,
    what: string,
    give: () => T,
    prompt: { is: boolean } = { is: true },
  ): Promise<T> {
    check(what);
    this.#mayThrow();
    const random = this.#random;
    if (!random.chance(this.#trouble)) return Promise.resolve(give());
    prompt.is = false;
    this.bodyWish = "unsure";
    if (random.chance(0.2)) return Promise.reject(new Error("a bug of the port"));
    if (random.chance(0.2)) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.#clock.after(random.pick([10, 6000, 20_000, 100_000]), () => {
        if (random.chance(0.2)) reject(new Error("a late bug of the port"));
        else resolve(give());
      });
    });
  }
}
