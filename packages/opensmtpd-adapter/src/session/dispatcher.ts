import { REGISTER_BLOCK } from "../wire/encode.ts";
import type { Line, Report, Request } from "../wire/line.ts";
import { isBelow } from "../wire/version.ts";
import type { FilterContext } from "./filter-context.ts";
import type { PassThrough } from "./pass-through.ts";
import type { Session } from "./session.ts";
import type { SessionTable } from "./session-table.ts";

/** Gives each line to the session that it is about. */
export class Dispatcher {
  readonly #context: FilterContext;
  readonly #table: SessionTable;
  readonly #passThrough: PassThrough;
  #isRegistered = false;
  #hasReportedVersion = false;

  constructor(context: FilterContext, table: SessionTable, passThrough: PassThrough) {
    this.#context = context;
    this.#table = table;
    this.#passThrough = passThrough;
  }

  /** @param firstBytesHex how the line begins, for a report. */
  take(line: Line, firstBytesHex: string): void {
    switch (line.kind) {
      case "config":
        this.#configure(line.key, line.value);
        break;
      case "report":
        this.#see(line);
        break;
      case "request":
        this.#answer(line);
        break;
      default:
        this.#context.report({ kind: "unreadable-line", why: line.why, firstBytesHex });
    }
  }

  #configure(key: string, value: string): void {
    if (key === "smtpd-version") this.#context.smtpdVersion = value;
    if (key !== "ready" || this.#isRegistered) return;
    this.#isRegistered = true;
    this.#context.outlet.send(REGISTER_BLOCK);
  }

  #see({ version, subsystem, session: id, event }: Report): void {
    this.#checkVersion(version);
    if (subsystem !== "smtp-in") return;
    if (event.kind === "link-disconnect") {
      this.#table.close(id);
      return;
    }
    const session = event.kind === "link-connect" ? this.#table.begin(id) : this.#table.find(id);
    if (session === undefined) return;
    session.idleSweeps = 0;
    this.#context.guard(
      () => session.see(event),
      () => session.fault(),
    );
  }

  #answer(request: Request): void {
    this.#checkVersion(request.version);
    const isKnown = request.subsystem === "smtp-in" && request.phase.kind !== "other";
    const session = isKnown ? this.#sessionOf(request) : this.#table.find(request.session);
    if (session === undefined) {
      this.#passThrough.pass(request);
      return;
    }
    session.idleSweeps = 0;
    this.#context.guard(
      () => session.answer(request),
      () => session.fault(),
    );
  }

  #sessionOf({ session: id, phase }: Request): Session | undefined {
    return phase.kind === "connect" ? this.#table.begin(id) : this.#table.open(id);
  }

  #checkVersion(version: string): void {
    if (this.#hasReportedVersion || !isBelow(version, 0, 5)) return;
    this.#hasReportedVersion = true;
    this.#context.report({ kind: "old-protocol", version });
  }
}
