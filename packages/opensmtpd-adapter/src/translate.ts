import type { FromEngine } from "./engine-messages.ts";
import type { FilterEvent } from "./events.ts";
import { type FilterOptions, type Settings, settingsOf } from "./options.ts";
import { createContext } from "./session/create-context.ts";
import { Dispatcher } from "./session/dispatcher.ts";
import type { EngineLink, FilterContext, Outlet } from "./session/filter-context.ts";
import type { HeldMessage } from "./session/held-message.ts";
import { PassThrough } from "./session/pass-through.ts";
import { SessionTable } from "./session/session-table.ts";
import { type DataLine, DataLineMatcher, readDataLine } from "./wire/data-line.ts";
import { decodeLine } from "./wire/decode.ts";
import type { LineView } from "./wire/line-splitter.ts";

const DOT = 0x2e;

/**
 * smtpd and the engine, translated: lines in, questions out; answers in, lines out. It owns no pipe and no process.
 * Every request gets exactly one answer, whatever the engine does, and no method throws.
 */
export class Translator {
  readonly #settings: Settings;
  readonly #context: FilterContext;
  readonly #table: SessionTable;
  readonly #passThrough: PassThrough;
  readonly #dispatcher: Dispatcher;
  readonly #matcher = new DataLineMatcher();
  /** The message of the last data line. */
  #message: HeldMessage | undefined;

  constructor(options: FilterOptions, outlet: Outlet, engine: EngineLink) {
    this.#settings = settingsOf(options);
    this.#context = createContext(this.#settings, outlet, engine, {
      report: (event) => this.#report(event),
      guard: (work, rescue) => this.#guard(work, rescue),
    });
    this.#table = new SessionTable(this.#context);
    this.#passThrough = new PassThrough(this.#context);
    this.#dispatcher = new Dispatcher(this.#context, this.#table, this.#passThrough);
  }

  /** Sessions, questions and bytes in memory that there are now. */
  get load(): { readonly sessions: number; readonly questions: number; readonly bytes: number } {
    const { questions, room } = this.#context;
    return { sessions: this.#table.size, questions: questions.count, bytes: room.usedBytes };
  }

  /** Takes the next line of smtpd. */
  take(line: LineView): void {
    const { bytes, start, end } = line;
    if (line.isCut) this.#report({ kind: "line-cut", firstBytesHex: firstHex(line) });
    const payload = this.#matcher.match(bytes, start, end);
    const message = this.#message;
    if (payload !== -1 && message?.isHolding === true) this.#takeLine(message, line, payload);
    else this.#guard(() => this.#takeOther(line));
  }

  /** Once what has come up was taken: shows messages to the engine, and sends back what smtpd reads. */
  settle(): void {
    this.#guard(() => this.#context.feeder.pump());
    this.#guard(() => this.#context.releases.pump());
  }

  /** smtpd has read what was written. */
  drained(): void {
    this.#guard(() => this.#context.releases.drained());
  }

  answered(message: FromEngine): void {
    this.#guard(() => this.#takeAnswer(message));
  }

  /** What was asked will not be answered. */
  engineLost(): void {
    this.#guard(() => this.#context.feeder.clear());
    this.#guard(() => this.#context.questions.loseAll());
    this.settle();
  }

  /** An exception that came up somewhere: whatever is open is answered now. */
  fault(error: unknown): void {
    this.#report({ kind: "internal-error", error });
    for (const session of this.#table.sessions()) this.#guard(() => session.fault());
    this.settle();
  }

  #takeOther(line: LineView): void {
    const { bytes, start, end } = line;
    const data = readDataLine(bytes, start, end);
    if (data === undefined) {
      this.#dispatcher.take(decodeLine(bytes.toString("latin1", start, end)), firstHex(line));
      return;
    }
    this.#matcher.learn(bytes, start, data);
    this.#takeData(line, data);
  }

  #takeData(line: LineView, data: DataLine): void {
    const session = this.#table.find(data.session);
    const message = session?.messageOf(data);
    this.#message = message;
    if (message === undefined) {
      if (!this.#table.isClosed(data.session)) this.#passThrough.passLine(data, line);
    } else if (message.isHolding) {
      this.#takeLine(message, line, data.payloadStart);
    } else {
      const what = "a line behind the end of its message";
      this.#report({ kind: "out-of-order", session: data.session, what });
    }
  }

  /** One more line of a message, or the dot that ends it. */
  #takeLine(message: HeldMessage, line: LineView, payload: number): void {
    const { bytes, end } = line;
    const isDot = end - payload === 1 && bytes[payload] === DOT;
    this.#guard(
      () => {
        if (isDot) message.end();
        else message.take(bytes, payload, end);
        if (line.isCut) message.cut();
      },
      () => {
        if (isDot) message.fault();
        else message.spoil();
      },
    );
  }

  #takeAnswer(message: FromEngine): void {
    const { questions, feeder } = this.#context;
    switch (message.kind) {
      case "ready":
        this.#context.onFailure = message.onFailure ?? this.#settings.onFailure;
        break;
      case "answer":
        questions.answer(message.question, message.answer);
        break;
      case "used":
        feeder.used(message.message, message.bytes);
        if (message.hasEnough) feeder.enough(message.message);
        break;
      default:
    }
  }

  #guard(work: () => void, rescue?: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report({ kind: "internal-error", error });
      if (rescue !== undefined) this.#guard(rescue);
    }
  }

  #report(event: FilterEvent): void {
    try {
      this.#settings.onEvent(event);
    } catch {
      // Whoever listens has a bug; mail goes on.
    }
  }
}

function firstHex({ bytes, start, end }: LineView): string {
  return bytes.toString("hex", start, Math.min(end, start + 32));
}
