import type { Random } from "@postern/smtp-filter/testing";
import { Dialogue } from "./dialogue.ts";
import { randomMessage } from "./random-message.ts";

/** What a simulated session of smtpd needs of the test around it. */
export interface World {
  readonly random: Random;
  /** How often an earlier filter of the chain ends a phase, so that only the report comes. */
  readonly swallow: number;
  say(line: string): void;
  /** The next answer to this session, once it is there; `null` before. */
  answer(session: SimulatedSession, phase: string): string | null;
  /** Whether the message has come back, whole. */
  message(session: SimulatedSession, lines: readonly string[]): boolean;
}

const ADDRESSES: readonly [string, ...string[]] = [
  "ann@example.com",
  "b|ob@example.org",
  "",
  '"q q"@x.example',
  "\xff@x.example",
  "postmaster",
];

/** A session of smtpd with a client that does anything. */
export class SimulatedSession {
  readonly port: number;
  readonly dialogue: Dialogue;
  /** Nothing more comes of it before smtpd has what it waits for. */
  isWaiting = false;
  readonly #world: World;
  readonly #random: Random;
  #mails = 0;
  #isGone = false;

  constructor(version: string, number: number, world: World) {
    this.port = 1_000 + number;
    this.dialogue = new Dialogue(version, `${1_000_000 + number}`.padStart(16, "0"));
    this.#world = world;
    this.#random = world.random;
  }

  /** Yields wherever others may have their turn. */
  *run(): Generator<undefined> {
    const { dialogue: d } = this;
    this.#say(d.linkConnect(`192.0.2.7:${this.port}`));
    const greeted = yield* this.#ask("connect", "mail.example.com|192.0.2.7");
    if (!isGone(greeted)) {
      this.#say(d.report("link-greeting", "mx"));
      yield* this.#hello();
      if (this.#random.chance(0.2)) {
        this.#say(d.report("link-tls", "TLSv1.3:X:256"));
        yield* this.#hello();
      }
      if (this.#random.chance(0.1)) this.#say(d.auth("fail", "us|er"));
      for (let n = this.#random.below(4); n > 0 && !this.#isGone; n -= 1) yield* this.#mail();
    }
    if (this.#random.chance(0.1)) this.#say(d.report("timeout"));
    this.#say(d.report("link-disconnect"));
  }

  *#hello(): Generator<undefined> {
    const name = this.#random.pick(["a.example", "b.example", "[192.0.2.7]", "a|b"]);
    const phase = this.#random.pick(["ehlo", "helo"]);
    const result = yield* this.#ask(phase, name);
    if (isRefused(result)) this.#isGone = isGone(result);
    else this.#say(this.dialogue.report("link-identify", phase.toUpperCase(), name));
  }

  *#mail(): Generator<undefined> {
    const { dialogue: d } = this;
    this.#mails += 1;
    d.messageId = `${this.port}${this.#mails}`.padStart(8, "0");
    const from = this.#random.pick(ADDRESSES);
    if (isRefused(yield* this.#ask("mail-from", from))) return;
    if (this.#random.chance(0.05)) {
      this.#say(d.txMail(from, "permfail", "00000000"));
      return;
    }
    this.#say(d.report("tx-begin", d.messageId));
    this.#say(d.txMail(this.#random.chance(0.03) ? "rewritten@x.example" : from));
    const accepted = yield* this.#recipients();
    if (accepted === 0 || this.#random.chance(0.05)) return this.#rollBack();
    if (isRefused(yield* this.#ask("data", ""))) return this.#rollBack();
    yield* this.#message();
  }

  *#recipients(): Generator<undefined, number> {
    const { dialogue: d } = this;
    let accepted = 0;
    for (let n = 1 + this.#random.below(3); n > 0; n -= 1) {
      const to = this.#random.pick(ADDRESSES);
      if (isRefused(yield* this.#ask("rcpt-to", to))) continue;
      const isBad = this.#random.chance(0.1);
      if (!isBad) this.#say(d.report("tx-envelope", d.messageId, `${d.messageId}00000001`));
      this.#say(d.txRcpt(to, isBad ? "permfail" : "ok"));
      if (!isBad) accepted += 1;
    }
    return accepted;
  }

  *#message(): Generator<undefined> {
    const { dialogue: d } = this;
    const lines = randomMessage(this.#random);
    const reportAt = this.#random.below(lines.length + 3);
    for (const [i, line] of lines.entries()) {
      if (i === reportAt) this.#say(d.report("tx-data", d.messageId, "ok"));
      if (this.#random.chance(0.01)) {
        this.#isGone = true;
        return this.#rollBack();
      }
      this.#say(d.line(line.startsWith(".") ? `.${line}` : line));
      if (this.#random.chance(0.1)) yield;
    }
    this.#say(d.line("."));
    this.isWaiting = true;
    while (!this.#world.message(this, lines)) yield;
    this.isWaiting = false;
    if (reportAt === lines.length) this.#say(d.report("tx-data", d.messageId, "ok"));
    // An earlier filter may refuse it, too: then nobody asks us.
    const result = yield* this.#ask("commit", "");
    if (isRefused(result)) this.#rollBack();
    else for (const line of d.committed()) this.#say(line);
  }

  #rollBack(): void {
    for (const line of this.dialogue.rolledBack()) this.#say(line);
  }

  /** `proceed` where an earlier filter has kept the request to itself. */
  *#ask(phase: string, payload: string): Generator<undefined, string> {
    if (phase !== "commit" && this.#random.chance(this.#world.swallow)) return "proceed";
    this.#say(this.dialogue.request(phase, payload));
    this.isWaiting = true;
    for (;;) {
      const answer = this.#world.answer(this, phase);
      if (answer !== null) {
        this.isWaiting = false;
        return answer;
      }
      yield;
    }
  }

  #say(line: string): void {
    this.#world.say(line);
  }
}

function isRefused(result: string): boolean {
  return result !== "proceed";
}

function isGone(result: string): boolean {
  return result.startsWith("disconnect") || result.startsWith("reject 421");
}
