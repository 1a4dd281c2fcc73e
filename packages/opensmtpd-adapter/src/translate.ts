import type { FromEngine } from "./engine-messages.ts";
import type { FilterEvent } from "./events.ts";
import { type FilterOptions, type Settings, settingsOf } from "./options.ts";
import type { HeldMessage } from "./session/held-message.ts";
import { Passer } from "./session/passer.ts";
import { SessionTable } from "./session/session-table.ts";
import { surround } from "./session/surround.ts";
import type { EngineLink, Outlet, Surroundings } from "./session/surroundings.ts";
import { DataLineMatcher, readDataLine } from "./wire/data-line.ts";
import { decodeLine } from "./wire/decode.ts";
import { REGISTER_BLOCK } from "./wire/encode.ts";
import type { Report, Request } from "./wire/line.ts";
import type { LineView } from "./wire/line-splitter.ts";
import { isBelow } from "./wire/version.ts";

const DOT = 0x2e;

/**
 * smtpd and the engine, translated: lines in, questions out; answers in, lines out. It owns no pipe and no process.
 * Every request gets exactly one answer, whatever the engine does, and no method throws.
 */
export class Translator {
  readonly #in: Surroundings;
  readonly #table: SessionTable;
  readonly #passer: Passer;
  readonly #matcher = new DataLineMatcher();
  readonly #settings: Settings;
  /** The message of the last data line. */
  #message: HeldMessage | undefined;
  #isRegistered = false;
  #hasReportedVersion = false;

  constructor(options: FilterOptions, outlet: Outlet, engine: EngineLink) {
    this.#settings = settingsOf(options);
    this.#in = surround(this.#settings, outlet, engine, {
      report: (event) => this.#report(event),
      guard: (work, rescue) => this.#guard(work, rescue),
    });
    this.#table = new SessionTable(this.#in);
    this.#passer = new Passer(this.#in);
  }

  /** Sessions, questions and bytes in memory that there are now. */
  get load(): { readonly sessions: number; readonly questions: number; readonly bytes: number } {
    const { questions, room } = this.#in;
    return { sessions: this.#table.size, questions: questions.count, bytes: room.usedBytes };
  }

  /** Takes the next line of smtpd. */
  take(line: LineView): void {
    const { bytes, start, end } = line;
    if (line.isCut) this.#report({ kind: "line-cut", firstBytesHex: firstHex(line) });
    const payload = this.#matcher.match(bytes, start, end);
    const message = this.#message;
    if (payload !== -1 && message?.isHolding === true && !isDot(line, payload)) {
      this.#guard(
        () => {
          message.take(bytes, payload, end);
          if (line.isCut) message.cut();
        },
        () => message.spoil(),
      );
    } else {
      this.#guard(() => this.#takeOther(line));
    }
  }

  /** Once what has come up was taken: shows messages to the engine, and sends back what smtpd reads. */
  settle(): void {
    this.#guard(() => this.#in.feeder.pump());
    this.#guard(() => this.#in.releases.pump());
  }

  /** smtpd has read what was written. */
  drained(): void {
    this.#guard(() => this.#in.releases.drained());
  }

  answered(message: FromEngine): void {
    this.#guard(() => this.#takeAnswer(message));
  }

  /** What was asked will not be answered. */
  engineLost(): void {
    this.#guard(() => this.#in.feeder.clear());
    this.#guard(() => this.#in.questions.loseAll());
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
    if (data !== undefined) {
      this.#matcher.learn(bytes, start, data);
      this.#takeData(line, data);
      return;
    }
    const text = bytes.toString("latin1", start, end);
    const decoded = decodeLine(text);
    switch (decoded.kind) {
      case "config":
        this.#configure(decoded.key, decoded.value);
        return;
      case "report":
        this.#see(decoded);
        return;
      case "request":
        this.#answer(decoded);
        return;
      default:
        this.#report({
          kind: "unreadable-line",
          why: decoded.why,
          firstBytesHex: firstHex(line),
        });
    }
  }

  #takeData(line: LineView, data: NonNullable<ReturnType<typeof readDataLine>>): void {
    const session = this.#table.find(data.session);
    const message = session?.messageOf(data);
    this.#message = message;
    if (session === undefined || message === undefined) {
      if (!this.#table.isClosed(data.session)) this.#passer.passLine(data, line);
    } else if (isDot(line, data.payloadStart)) {
      if (message.isHolding)
        this.#guard(
          () => message.end(),
          () => message.fault(),
        );
    } else if (message.isHolding) {
      message.take(line.bytes, data.payloadStart, line.end);
      if (line.isCut) message.cut();
    } else {
      const what = "a line behind the end of its message";
      this.#report({ kind: "out-of-order", session: data.session, what });
    }
  }

  #configure(key: string, value: string): void {
    if (key === "smtpd-version") this.#in.smtpdVersion = value;
    if (key !== "ready" || this.#isRegistered) return;
    this.#isRegistered = true;
    this.#in.outlet.send(REGISTER_BLOCK);
  }

  #see({ version, subsystem, session: id, event }: Report): void {
    this.#checkVersion(version);
    if (subsystem !== "smtp-in") return;
    if (event.kind === "link-disconnect") {
      this.#table.close(id);
      return;
    }
    const session = event.kind === "link-connect" ? this.#table.open(id) : this.#table.find(id);
    if (session === undefined) return;
    session.idleSweeps = 0;
    this.#guard(
      () => session.see(event),
      () => session.fault(),
    );
  }

  #answer(request: Request): void {
    this.#checkVersion(request.version);
    const isKnown = request.subsystem === "smtp-in" && request.phase.kind !== "other";
    const session = isKnown ? this.#table.open(request.session) : this.#table.find(request.session);
    if (session === undefined) {
      this.#passer.pass(request);
      return;
    }
    session.idleSweeps = 0;
    this.#guard(
      () => session.answer(request),
      () => session.fault(),
    );
  }

  #takeAnswer(message: FromEngine): void {
    const { questions, feeder } = this.#in;
    switch (message.kind) {
      case "ready":
        this.#in.onFailure = message.onFailure ?? this.#settings.onFailure;
        return;
      case "answer":
        questions.answer(message.question, message.answer);
        return;
      case "used":
        feeder.used(message.message, message.bytes);
        if (message.hasEnough) feeder.enough(message.message);
        return;
      default:
        return;
    }
  }

  #checkVersion(version: string): void {
    if (this.#hasReportedVersion || !isBelow(version, 0, 5)) return;
    this.#hasReportedVersion = true;
    this.#report({ kind: "old-protocol", version });
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

function isDot({ bytes, end }: LineView, payload: number): boolean {
  return end - payload === 1 && bytes[payload] === DOT;
}

function firstHex({ bytes, start, end }: LineView): string {
  return bytes.toString("hex", start, Math.min(end, start + 32));
}
