import { fakeClock, Random } from "@postern/smtp-filter/testing";
import type { FailureAnswer } from "../engine-messages.ts";
import type { FilterEvent } from "../events.ts";
import { Translator } from "../translate.ts";
import { LineSplitter } from "../wire/line-splitter.ts";
import { Oracle } from "./oracle.ts";
import { SequenceEngine } from "./sequence-engine.ts";
import { SimulatedSession, type World } from "./simulated-session.ts";
import { StrictSmtpd } from "./strict-smtpd.ts";
import { WatchedPort } from "./watched-port.ts";

/** Microtasks after which what has not ended waits for the clock. */
const MICROTASKS = 30;
const FAILURE_ANSWERS: readonly [FailureAnswer, FailureAnswer] = ["accept", "tempfail"];
const NOISE: readonly [string, ...string[]] = [
  "",
  "nonsense|x",
  "report|0.7|1.0|smtp-out|link-connect|00000000000000ff|a|pass|192.0.2.1:1|192.0.2.2:25",
  "report|0.7|1.0|smtp-in|link-new-thing|00000000000000fe|x|y",
  "report|0.8|1.0|smtp-in|tx-envelope|00000000000000fe|x|y|z",
  "config|new-key|x",
];

/** How much a sequence did, so that a test can tell that it reached deep. */
export interface Played {
  readonly answers: number;
  readonly messages: number;
  readonly crashes: number;
}

/** Plays the sequence of one number: up to three sessions of smtpd at once, a port that does anything. */
export class Player implements World {
  readonly random: Random;
  readonly swallow: number;
  /** Lines of both directions, and what happened between them. */
  readonly log: string[] = [];
  readonly #version: string;
  readonly #release: string;
  readonly #isCalm: boolean;
  readonly #clock = fakeClock();
  readonly #smtpd: StrictSmtpd;
  readonly #port: WatchedPort;
  readonly #oracle: Oracle;
  readonly #engine: SequenceEngine;
  readonly #translator: Translator;
  readonly #splitter = new LineSplitter();
  /** When a session began to wait. */
  readonly #sinceMs = new Map<string, number>();
  #isReading = true;
  #hasFrozen = false;
  #fatal: unknown;
  #answers = 0;
  #messages = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.random = random;
    this.#version = random.pick(["0.5", "0.6", "0.7"]);
    this.#release = this.#version === "0.7" ? "7.8.0" : "6.8.0p2";
    const onFailure = random.pick(FAILURE_ANSWERS);
    const isCalm = random.chance(0.5);
    this.#isCalm = isCalm;
    this.swallow = random.pick([0, 0, 0.1]);
    this.#smtpd = new StrictSmtpd(this.#release);
    const trouble = isCalm ? 0 : random.pick([0, 0.05, 0.3]);
    this.#port = new WatchedPort(new Random(seed ^ 0x5bd1e995), this.#clock, trouble);
    const maxPayload = this.#version === "0.7" ? 64_949 : 1_939;
    this.#oracle = new Oracle({ port: this.#port, isCalm, onFailure, maxPayload });
    this.#engine = new SequenceEngine(this.#port, (message) => {
      this.#translator.answered(message);
      this.#translator.settle();
    });
    const write = (stretch: Buffer): boolean => {
      this.#heard(stretch.toString("latin1"));
      return this.#isReading;
    };
    this.#translator = new Translator(
      { onFailure, startTimer: this.#clock.after, onEvent: (event) => this.#see(event) },
      { send: (text) => this.#heard(text), write },
      this.#engine,
    );
  }

  /** @throws {Error} with the first fault. */
  async play(): Promise<Played> {
    this.say(`config|smtpd-version|${this.#release}`);
    this.say("config|ready");
    const running = Array.from({ length: 1 + this.random.below(3) }, (_, i) => {
      const session = new SimulatedSession(this.#version, i, this);
      return { session, run: session.run() };
    });
    while (running.length > 0) {
      const ready = running.filter(({ session }) => !session.isWaiting || this.#hasNews(session));
      const one = ready[this.random.below(ready.length)];
      if (one === undefined) await this.#wait();
      else if (one.run.next().done === true) running.splice(running.indexOf(one), 1);
      this.#meddle();
      if (this.random.chance(0.3)) await this.#quiet();
      this.#check();
    }
    await this.#finish();
    return { answers: this.#answers, messages: this.#messages, crashes: this.#engine.crashes };
  }

  say(line: string): void {
    const [kind, , , , , session = ""] = line.split("|");
    if (kind === "filter") this.#sinceMs.set(session, this.#clock.nowMs());
    this.log.push(`< ${line}`);
    this.#smtpd.told(line);
    this.#splitter.push(Buffer.from(`${line}\n`, "latin1"));
    for (let view = this.#splitter.next(); view !== undefined; view = this.#splitter.next())
      this.#translator.take(view);
    if (this.random.chance(0.7)) this.#translator.settle();
  }

  answer({ dialogue, port }: SimulatedSession, phase: string): string | null {
    const at = this.#smtpd.answers.findIndex(({ session }) => session === dialogue.id);
    const [answered] = at === -1 ? [] : this.#smtpd.answers.splice(at, 1);
    if (answered === undefined) return null;
    this.#inTime(dialogue.id, 9_000);
    this.#answers += 1;
    this.#oracle.checkAnswer(port, phase, answered.result);
    return answered.result;
  }

  message({ dialogue, port }: SimulatedSession, lines: readonly string[]): boolean {
    const at = this.#smtpd.messages.findIndex(({ session }) => session === dialogue.id);
    const [message] = at === -1 ? [] : this.#smtpd.messages.splice(at, 1);
    if (message === undefined) return false;
    if (this.#isCalm) this.#inTime(dialogue.id, 65_000);
    this.#messages += 1;
    this.#oracle.checkMessage(port, lines, message.lines);
    return true;
  }

  #hasNews({ dialogue }: SimulatedSession): boolean {
    const { answers, messages } = this.#smtpd;
    return [...answers, ...messages].some(({ session }) => session === dialogue.id);
  }

  #inTime(session: string, deadlineMs: number): void {
    const ms = this.#clock.nowMs() - (this.#sinceMs.get(session) ?? 0);
    if (ms > deadlineMs) throw new Error(`answered after ${ms} ms`);
  }

  /** What happens to a filter, and none of its sessions makes. */
  #meddle(): void {
    const { random } = this;
    if (random.chance(0.02)) this.say(random.pick(NOISE));
    if (this.#isCalm) return;
    if (this.#engine.generation === 0) {
      if (random.chance(0.05)) this.#start();
    } else if (random.chance(0.003)) {
      this.log.push("# the engine dies");
      this.#engine.crash();
      this.#translator.engineLost();
    } else if (random.chance(0.005)) {
      this.#engine.isFrozen = !this.#engine.isFrozen;
      this.#hasFrozen = true;
      this.log.push(`# the engine ${this.#engine.isFrozen ? "freezes" : "thaws"}`);
    }
    if (this.#isReading && random.chance(0.01)) this.#isReading = false;
    else if (!this.#isReading && random.chance(0.1)) this.#read();
  }

  #start(): void {
    this.log.push("# another engine starts");
    this.#engine.start();
  }

  #read(): void {
    this.#isReading = true;
    this.#translator.drained();
  }

  /** Lets everything run that waits for nothing. */
  async #quiet(): Promise<void> {
    this.#translator.settle();
    do {
      for (let i = 0; i < MICROTASKS; i += 1) await undefined;
    } while (this.#engine.turn());
  }

  /** All sessions wait: something has to happen. */
  async #wait(): Promise<void> {
    const before = this.log.length;
    await this.#quiet();
    if (this.log.length > before) return;
    if (!this.#isReading && this.random.chance(0.5)) this.#read();
    else if (this.#engine.isFrozen && this.random.chance(0.2)) this.#engine.isFrozen = false;
    else if (!this.#clock.fireNext()) {
      if (this.#isReading) throw new Error(`never answered: ${this.#smtpd.owed()}`);
      this.#read();
    }
    await this.#quiet();
  }

  #check(): void {
    const [fault] = this.#port.faults;
    if (fault !== undefined) throw new Error(fault);
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** smtpd has closed every session: nothing is left of them, and the port was told. */
  async #finish(): Promise<void> {
    this.#engine.isFrozen = false;
    await this.#quiet();
    while (this.#clock.fireNext()) await this.#quiet();
    this.#check();
    const { sessions, questions, bytes } = this.#translator.load;
    if (sessions + questions + bytes > 0) throw new Error(`${sessions} ${questions} ${bytes} left`);
    if (this.#engine.crashes > 0) return;
    const isHasty = this.#hasFrozen || this.swallow > 0;
    for (const session of [...this.#port.sessions.values()].flat()) {
      if (!session.isClosed) throw new Error("a connection was left open");
      // What an engine is told all at once, ends before it has begun.
      for (const { ends, wasPrompt } of session.transactions)
        if (ends !== 1 && wasPrompt && !(isHasty && ends === 0))
          throw new Error(`a transaction ended ${ends} times`);
    }
  }

  #see(event: FilterEvent): void {
    this.log.push(`# ${event.kind}`);
    if (event.kind === "internal-error") this.#fatal ??= event.error;
    if (event.kind === "double-answer") this.#fatal ??= new Error("a second answer");
  }

  #heard(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) {
      this.log.push(`> ${line}`);
      try {
        this.#smtpd.heard(line);
      } catch (error) {
        // Whoever wrote the line would take it for a failure of its own.
        this.#fatal ??= error;
      }
    }
  }
}
