import { scheduler } from "node:timers/promises";
import { deserialize, serialize } from "node:v8";
import type { Client } from "@postern/smtp-filter";
import {
  type FakeClock,
  fakeClock,
  type PortScript,
  scriptedPort,
} from "@postern/smtp-filter/testing";
import { EngineSessions } from "../engine/engine-sessions.ts";
import type { FromEngine, ToEngine } from "../engine-messages.ts";
import type { FilterEvent } from "../events.ts";
import type { FilterOptions } from "../options.ts";
import type { EngineLink } from "../session/filter-context.ts";
import { Translator } from "../translate.ts";
import { LineSplitter } from "../wire/line-splitter.ts";
import { StrictSmtpd } from "./strict-smtpd.ts";

export interface RigOptions extends FilterOptions {
  /** `null`: it does not say. */
  readonly release?: string | null;
}

/** A translator with an engine in this process, a strict smtpd before it and a clock that stands still. */
export class Rig {
  readonly clock: FakeClock = fakeClock();
  readonly smtpd: StrictSmtpd;
  readonly translator: Translator;
  readonly events: FilterEvent[] = [];
  /** What the port was told. */
  readonly calls: string[] = [];
  /** Lines that the filter has written. */
  readonly out: string[] = [];
  /** What the engine's process would have logged. */
  readonly errors: unknown[] = [];
  /** false: what is written has to wait for {@link drain}. */
  isReading = true;
  /** While it hangs, nothing of it comes. */
  isEngineFrozen = false;
  /** Set to make the way to the engine throw. */
  sendFault: Error | undefined;
  readonly link: EngineLink & { generation: number };
  readonly #splitter = new LineSplitter();
  readonly #script: PortScript;
  #engine: EngineSessions;
  #toEngine: ToEngine[] = [];
  #starts = 1;
  #fatal: unknown;

  constructor(script: PortScript = {}, options: RigOptions = {}) {
    const { release = "7.8.0", onEvent, ...others } = options;
    this.#script = script;
    this.smtpd = new StrictSmtpd(release ?? "7.8.0");
    this.link = {
      generation: 1,
      send: (message) => {
        if (this.sendFault !== undefined) throw this.sendFault;
        this.#toEngine.push(message);
      },
    };
    this.#engine = this.#newEngine();
    this.translator = new Translator(
      {
        startTimer: this.clock.after,
        ...others,
        onEvent: (event) => {
          this.events.push(event);
          onEvent?.(event);
        },
      },
      {
        send: (line) => this.#heard(line),
        write: (stretch) => {
          this.#heard(stretch.toString("latin1"));
          return this.isReading;
        },
      },
      this.link,
    );
    if (release !== null) this.feed(`config|smtpd-version|${release}\n`);
    this.feed("config|protocol|0.7\nconfig|subsystem|smtp-in\nconfig|ready\n");
  }

  /** smtpd says these lines; what the filter has written by the time all is quiet. */
  async say(...lines: readonly (string | readonly string[])[]): Promise<string[]> {
    const from = this.out.length;
    for (const line of lines.flat()) {
      this.feed(`${line}\n`);
      await this.quiet();
    }
    return this.out.slice(from);
  }

  /** Bytes of smtpd, as they come; nothing is waited for. */
  feed(bytes: string | Buffer): void {
    const chunk = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
    this.#splitter.push(chunk);
    for (let line = this.#splitter.next(); line !== undefined; line = this.#splitter.next()) {
      this.smtpd.told(line.bytes.toString("latin1", line.start, line.end));
      this.translator.take(line);
    }
    this.translator.settle();
  }

  /** Lets everything run that waits for nothing. */
  async quiet(): Promise<void> {
    for (let idle = 0; idle < 3; idle += 1) {
      const messages = this.isEngineFrozen ? [] : this.#toEngine.splice(0);
      for (const message of messages) this.#engine.take(deserialize(serialize(message)));
      if (messages.length > 0) idle = 0;
      await scheduler.yield();
    }
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Moves the clock, and lets what that has started run. */
  async wait(ms: number): Promise<void> {
    this.clock.advanceNow(ms);
    this.translator.settle();
    await this.quiet();
  }

  /** smtpd reads again. */
  async drain(): Promise<void> {
    this.isReading = true;
    this.translator.drained();
    await this.quiet();
  }

  /** The engine dies, with what was on its way. */
  loseEngine(): void {
    this.link.generation = 0;
    this.#toEngine = [];
    this.#engine = this.#newEngine();
    this.translator.engineLost();
  }

  startEngine(): void {
    this.#starts += 1;
    this.link.generation = this.#starts;
    this.isEngineFrozen = false;
  }

  /** Events of one kind. */
  seen<Kind extends FilterEvent["kind"]>(kind: Kind): Extract<FilterEvent, { kind: Kind }>[] {
    return this.events.filter(
      (event): event is Extract<FilterEvent, { kind: Kind }> => event.kind === kind,
    );
  }

  /** What was answered, phase and result. */
  answers(): string[] {
    return this.smtpd.answers.map(({ phase, result }) => `${phase} ${result}`);
  }

  #newEngine(): EngineSessions {
    const engine: EngineSessions = new EngineSessions(
      scriptedPort(this.calls, { describeClient, ...this.#script }),
      (message: FromEngine) => {
        if (engine !== this.#engine || this.link.generation === 0) return;
        this.translator.answered(deserialize(serialize(message)));
        this.translator.settle();
      },
      (error) => this.errors.push(error),
    );
    return engine;
  }

  #heard(text: string): void {
    for (const line of text.split("\n").slice(0, -1)) {
      this.out.push(line);
      try {
        this.smtpd.heard(line);
      } catch (error) {
        // Whoever wrote the line would take it for a failure of its own.
        this.#fatal ??= error;
      }
    }
  }
}

function describeClient({ address, port, origin, localAddress, localPort }: Client): string {
  return `${address} ${port} ${origin} ${localAddress} ${localPort}`;
}
