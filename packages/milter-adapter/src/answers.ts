import {
  type CallResult,
  type FilterGuard,
  guardFilter,
  type MtaTraits,
  replyFromMail,
  unreachable,
} from "@postern/smtp-filter";
import type { Report, SessionState } from "./events.ts";
import type { MilterAnswer } from "./milter-filter.ts";
import type { Settings } from "./options.ts";
import type { Command } from "./wire/command.ts";
import { encodeResponse } from "./wire/encode-response.ts";
import { isUnanswered, type Negotiation } from "./wire/negotiate.ts";
import type { Modification, Verdict } from "./wire/response.ts";

const NOTHING: Negotiation = { version: 0, actions: 0, protocol: 0, macroLists: [] };
const PROGRESS = encodeResponse({ kind: "progress" });
const WORDLESS = new Map(
  (["continue", "accept", "reject", "tempfail", "discard", "skip"] as const).map((kind) => [
    kind as string,
    encodeResponse({ kind }),
  ]),
);

/** The filter's side of a session: calls the port within deadlines, and answers each command of the MTA exactly once. */
export class Answers {
  readonly settings: Settings;
  readonly peer: string;
  readonly #send: (frame: Uint8Array) => void;
  readonly #guard: FilterGuard<Command["kind"]>;
  /** The command that the port is asked about. */
  #asked: Command["kind"] | undefined;
  negotiation: Negotiation = NOTHING;
  state: SessionState = "new";
  takesProgress: MtaTraits["takesProgress"] = "end-of-message";

  constructor(settings: Settings, peer: string, send: (frame: Uint8Array) => void) {
    this.settings = settings;
    this.peer = peer;
    this.#send = send;
    this.#guard = guardFilter(settings.clock, (failure, command) =>
      this.report({ ...failure, command }),
    );
  }

  /** Whether the MTA waits for an answer: one to a command that was negotiated away is read as the next one's. */
  isDue(command: Command["kind"]): boolean {
    return !isUnanswered(command, this.negotiation);
  }

  /** Answers a command, if it is one that is answered. */
  give(command: Command["kind"], verdict: Verdict): void {
    if (this.isDue(command))
      this.#send(WORDLESS.get(verdict.kind) ?? this.#encode(command, verdict));
  }

  /** An out-of-sequence command: libmilter leaves the MTA waiting; we answer `continue`. */
  outOfOrder(command: Command["kind"]): void {
    this.report({ kind: "out-of-order", command });
    this.give(command, { kind: "continue" });
  }

  modify(modification: Modification): void {
    this.#send(encodeResponse(modification));
  }

  sendNegotiated(): void {
    this.#send(encodeResponse({ kind: "negotiate", ...this.negotiation }));
  }

  /** The configured answer when the port fails. */
  failure(): Verdict {
    const { onFailure } = this.settings;
    switch (onFailure) {
      case "accept":
        return { kind: "continue" };
      case "tempfail":
        return { kind: "tempfail" };
      default:
        return unreachable(onFailure);
    }
  }

  /** Asks the filter, in time. */
  async ask<T>(command: Command["kind"], start: () => Promise<T>): Promise<CallResult<T>> {
    const { commandDeadlineMs, messageDeadlineMs, progressMs: everyMs } = this.settings;
    const deadlineMs = command === "end-of-message" ? messageDeadlineMs : commandDeadlineMs;
    const tell = (): void => this.#send(PROGRESS);
    const progress = this.#mayTellProgress(command) ? { everyMs, tell } : null;
    this.#asked = command;
    const result = await this.#guard.ask(command, deadlineMs, start, progress);
    this.#asked = undefined;
    return result;
  }

  /** Does what the filter does at once; nothing once the peer has left. */
  call<T>(command: Command["kind"], work: () => T): CallResult<T> {
    return this.#guard.tell(command, work);
  }

  /** Asks the MTA for patience, while it waits for an answer and may be asked. */
  progress(): void {
    if (this.#asked !== undefined && this.#mayTellProgress(this.#asked)) this.#send(PROGRESS);
  }

  /** Abandons the pending call. */
  leave(): void {
    this.#guard.leave();
  }

  report(report: Report): void {
    this.settings.onEvent({ ...report, peer: this.peer, state: this.state });
  }

  /** A reply that no constructor checked must not leave the MTA without an answer. */
  #encode(command: Command["kind"], verdict: Verdict): Uint8Array {
    try {
      return encodeResponse(verdict);
    } catch (error) {
      this.report({ kind: "handler-error", command, error });
      return encodeResponse(this.failure());
    }
  }

  #mayTellProgress(command: Command["kind"]): boolean {
    if (command === "end-of-message") return this.takesProgress !== "never";
    return this.takesProgress === "any-command" && this.isDue(command);
  }
}

/** The verdict for an answer of the port. At CONNECT and HELO a 421 ends the SMTP session, as meant. */
export function verdictOf(answer: MilterAnswer): Verdict {
  if (answer.kind !== "refuse") return answer;
  const { code, enhanced, text } = answer.reply;
  return { kind: "reply", code, enhanced, lines: [text] };
}

/** The verdict for an answer of the port from MAIL on. */
export function verdictFromMail(answer: MilterAnswer): Verdict {
  return answer.kind === "refuse"
    ? verdictOf({ kind: "refuse", reply: replyFromMail(answer) })
    : answer;
}
