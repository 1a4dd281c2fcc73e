import {
  type Answer,
  type Connection,
  type Edit,
  type Final,
  type Message,
  type Open,
  refusal,
  type Transaction,
} from "@postern/smtp-filter";
import type { FakeClock, Random } from "@postern/smtp-filter/testing";

const HOSTILE: readonly [string, ...string[]] = [
  "no",
  "a|b|",
  "a\r250 ok\n.",
  "\0\xff\u20ac",
  "x".repeat(600),
  "",
];
const REMOVALS: readonly [Edit, ...Edit[]] = [
  { kind: "remove", name: "authentication-results", ordinal: 3 },
  { kind: "remove", name: "Authentication-Results", ordinal: 2 },
  { kind: "remove", name: "Authentication-Results", ordinal: 1 },
  { kind: "remove", name: "X-Spam", ordinal: 1 },
  { kind: "remove", name: "Received", ordinal: 1 },
  { kind: "remove", name: "X-Postern", ordinal: 2 },
];
const INSERTIONS: readonly [Edit, ...Edit[]] = [
  { kind: "insert", name: "X-Postern", value: "id=1" },
  { kind: "insert", name: "X-Spam", value: "yes" },
  { kind: "insert", name: "Authentication-Results", value: "mx;\n spf=pass" },
  { kind: "insert", name: ".dot", value: "|" },
];

/** What the port is asked. */
export type Stage = "greet" | "hello" | "mail" | "rcpt" | "end";

/** What it said to one question. */
export interface Said {
  readonly stage: Stage;
  readonly refusal: string | null;
  readonly edits: readonly Edit[] | null;
}

/** All that the port was told and said of one session of smtpd. */
export class WatchedSession {
  readonly said: Said[] = [];
  /** The content of the messages that it was asked about. */
  readonly messages: {
    readonly headers: readonly string[];
    readonly body: string;
    readonly isWhole: boolean;
  }[] = [];
  readonly transactions: { ends: number; wasPrompt: boolean }[] = [];
  isClosed = false;
}

/** A port that does anything, and notes whatever the adapter must not do to it. */
export class WatchedPort {
  readonly faults: string[] = [];
  /** By the port of the client, a session each time it is opened: an engine that is started again opens it again. */
  readonly sessions: Map<number | null, WatchedSession[]> = new Map();
  readonly #random: Random;
  readonly #clock: FakeClock;
  readonly #trouble: number;
  readonly #severity: number;

  /** @param trouble how often it throws, is late, or says nothing. */
  constructor(random: Random, clock: FakeClock, trouble: number) {
    this.#random = random;
    this.#clock = clock;
    this.#trouble = trouble;
    this.#severity = random.pick([0, 0.05, 0.3]);
  }

  readonly open: Open = ({ port }) => {
    this.#mayThrow();
    const watched = new WatchedSession();
    this.sessions.set(port, [...(this.sessions.get(port) ?? []), watched]);
    return this.#connection(watched);
  };

  #connection(watched: WatchedSession): Connection {
    const check = (what: string) => {
      if (watched.isClosed) this.faults.push(`${what} after close`);
    };
    const ask = (stage: Stage) => this.#do(check, stage, () => this.#answer(watched, stage));
    return {
      greet: () => ask("greet"),
      hello: () => ask("hello"),
      secured: () => this.#now(check, "secured"),
      authenticated: () => this.#now(check, "authenticated"),
      misspoke: () => this.#now(check, "misspoke"),
      mail: () => {
        const prompt = { is: true };
        const give = () => {
          const answer = this.#answer(watched, "mail");
          if (answer.kind !== "continue" || this.#random.chance(0.02)) return { answer };
          return { answer, transaction: this.#transaction(watched, check, prompt) };
        };
        return this.#do(check, "mail", give, prompt);
      },
      close: () => {
        check("close");
        watched.isClosed = true;
        this.#mayThrow();
      },
    };
  }

  #transaction(
    session: WatchedSession,
    outer: (what: string) => void,
    prompt: { is: boolean },
  ): Transaction {
    const watched = { ends: 0, wasPrompt: prompt.is };
    session.transactions.push(watched);
    let hasMessage = false;
    const check = (what: string) => {
      outer(what);
      if (watched.ends > 0) this.faults.push(`${what} after ended`);
    };
    return {
      rcpt: () => {
        if (hasMessage) this.faults.push("rcpt after message");
        return this.#do(check, "rcpt", () => this.#answer(session, "rcpt"));
      },
      outcome: () => this.#now(check, "outcome"),
      message: () => {
        if (hasMessage) this.faults.push("message twice");
        hasMessage = true;
        this.#now(check, "message");
        return this.#message(session, check);
      },
      ended: () => {
        check("ended");
        watched.ends += 1;
        this.#mayThrow();
      },
    };
  }

  #message(session: WatchedSession, check: (what: string) => void): Message {
    let place: "headers" | "body" | "end" = "headers";
    let hasEnough = false;
    const headers: string[] = [];
    let body = "";
    return {
      begun: () => this.#do(check, "begun", () => undefined),
      header: (name, value) => {
        if (place !== "headers") this.faults.push(`header in ${place}`);
        headers.push(`${latin1(name)}:${latin1(value)}`);
        this.#now(check, "header");
      },
      body: (chunk) => {
        if (place === "end") this.faults.push("body after end");
        if (hasEnough) this.faults.push("body after enough");
        place = "body";
        body += latin1(chunk);
        if (this.#random.chance(0.4)) return this.#do(check, "body", () => undefined);
        this.#now(check, "body");
        hasEnough = this.#random.chance(0.2);
        return hasEnough ? "enough" : undefined;
      },
      end: () => {
        if (place === "end") this.faults.push("end twice");
        place = "end";
        session.messages.push({ headers, body, isWhole: !hasEnough });
        return this.#do(check, "end", () => this.#final(session));
      },
    };
  }

  #answer(session: WatchedSession, stage: Stage): Answer {
    if (!this.#random.chance(this.#severity)) {
      session.said.push({ stage, refusal: null, edits: null });
      return { kind: "continue" };
    }
    const code = this.#random.pick([550, 451, 421, 521]);
    const reply = refusal(code, null, this.#random.pick(HOSTILE));
    session.said.push({ stage, refusal: `${code} ${reply.text}`, edits: null });
    return { kind: "refuse", reply };
  }

  #final(session: WatchedSession): Final {
    if (this.#random.chance(0.3)) return this.#answer(session, "end");
    const edits = [
      ...REMOVALS.filter(() => this.#random.chance(0.3)),
      ...INSERTIONS.filter(() => this.#random.chance(0.3)),
    ];
    session.said.push({ stage: "end", refusal: null, edits });
    return { kind: "deliver", edits };
  }

  #now(check: (what: string) => void, what: string): void {
    check(what);
    this.#mayThrow();
  }

  #mayThrow(): void {
    if (this.#random.chance(this.#trouble / 8)) throw new Error("a bug of the port");
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
    const isInTrouble = random.chance(this.#trouble);
    if (!isInTrouble && !random.chance(0.1)) return Promise.resolve(give());
    prompt.is = false;
    if (isInTrouble && random.chance(0.2)) return Promise.reject(new Error("a bug of the port"));
    if (isInTrouble && random.chance(0.2)) return new Promise(() => {});
    const delays = isInTrouble ? ([10, 6000, 20_000, 100_000] as const) : ([10, 100, 900] as const);
    return new Promise((resolve, reject) => {
      this.#clock.after(random.pick<number>([...delays]), () => {
        if (isInTrouble && random.chance(0.2)) reject(new Error("a late bug of the port"));
        else resolve(give());
      });
    });
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
