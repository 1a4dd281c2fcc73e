import { unreachable } from "@postern/smtp-filter";
import { type Judged, MessageJudge } from "./judge-message.ts";
import type { Settings } from "./options.ts";
import type { Copy } from "./serve/copy.ts";
import { type Lease, SessionTable } from "./sessions/session-table.ts";
import { SmtpSession } from "./sessions/smtp-session.ts";
import { Turn } from "./turn.ts";
import { type ClientFacts, sessionKey } from "./wire/client-facts.ts";
import { encodeMessage } from "./wire/encode-message.ts";
import type { MessageRequest } from "./wire/message-request.ts";
import type { Question } from "./wire/question.ts";
import { type Stage, TRY_LATER, type Verdict, verdictOf } from "./wire/verdict.ts";

/** What {@link Translator} counts. */
export interface SessionCounters {
  /** SMTP sessions that are remembered now. */
  readonly sessions: number;
  /** Requests about one that was remembered. */
  readonly resumed: number;
  /** Requests about one that was not, though it did not begin with them. */
  readonly rebuilt: number;
  /** Sessions forgotten as there were too many. */
  readonly evicted: number;
  /** Sessions forgotten as nothing was heard of them. */
  readonly expired: number;
}

/** Translates requests into calls of the port, and what it says into answers. It owns no socket. */
export class Translator {
  readonly #settings: Settings;
  readonly #table: SessionTable;
  #resumed = 0;
  #rebuilt = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#table = new SessionTable({
      ...settings,
      account: settings.sessionAccount,
      create: () => new SmtpSession(settings.open),
      onError: (error) =>
        settings.onEvent({ kind: "handler-error", peer: "none", stage: "quit", error }),
    });
  }

  counters(): SessionCounters {
    const { size: sessions, evicted, expired } = this.#table;
    return { sessions, resumed: this.#resumed, rebuilt: this.#rebuilt, evicted, expired };
  }

  /** The verdict on a question of one line. Never rejects. */
  async answer(question: Question, peer: string): Promise<Verdict> {
    const { client, kind } = question;
    const { commandDeadlineMs } = this.#settings;
    if (kind === "quit") return this.#quit(client, peer);
    const turn = new Turn(this.#settings, kind, peer, () => this.#take(client, kind));
    // An invalid answer of the port throws, and is handled like any failure.
    const result = await turn.ask(commandDeadlineMs, async (session) =>
      verdictOf(kind, await session.answer(question)),
    );
    turn.end();
    return result.kind === "value" ? result.value : this.#failure();
  }

  /**
   * The answer at the end of a message.
   *
   * @throws {Error} if the peer does not send it.
   */
  async judge(request: MessageRequest, copy: Copy, peer: string): Promise<string> {
    const { client, dialect } = request;
    const turn = new Turn(this.#settings, "message", peer, () => this.#take(client, "message"));
    copy.onAbandoned = () => turn.abandon();
    let judged: Judged;
    try {
      judged = await new MessageJudge(this.#settings, request, copy, turn, peer).judge();
    } catch (error) {
      turn.tell((session) => session.endMail("aborted"));
      turn.end();
      throw error;
    }
    const { verdict, missing } = judged;
    const how = verdict.kind === "accept" ? "queued" : "refused";
    turn.tell((session) => session.endMail(copy.isPeerGone ? "aborted" : how));
    turn.end();
    const { text, lost, unsaid } = encodeMessage(dialect, verdict);
    if (lost + missing > 0)
      this.#settings.onEvent({ kind: "fields-lost", peer, fields: lost + missing });
    if (unsaid > 0) this.#settings.onEvent({ kind: "fields-unsaid", peer, fields: unsaid });
    return text;
  }

  /** Nothing will be asked any more. */
  close(): void {
    this.#table.close();
  }

  async #quit(client: ClientFacts, peer: string): Promise<Verdict> {
    const key = sessionKey(client);
    if (key === null || !this.#table.has(key)) return { kind: "accept" };
    const turn = new Turn(this.#settings, "quit", peer, async () => {
      const lease = await this.#table.lease(key);
      return { ...lease, release: () => lease.drop("quit") };
    });
    await turn.ask(this.#settings.commandDeadlineMs, async () => undefined);
    turn.end();
    return { kind: "accept" };
  }

  async #take(client: ClientFacts, stage: Stage): Promise<Lease> {
    const key = sessionKey(client);
    if (key === null) return this.#table.once();
    const lease = await this.#table.lease(key);
    if (stage === "connect" && !lease.isNew) {
      // The key is used again: what was remembered is another session.
      lease.drop("quit");
      return this.#take(client, stage);
    }
    if (!lease.isNew) this.#resumed += 1;
    else if (stage !== "connect") this.#rebuilt += 1;
    return lease;
  }

  #failure(): Verdict {
    const { onFailure } = this.#settings;
    switch (onFailure) {
      case "accept":
        return { kind: "accept" };
      case "tempfail":
        return TRY_LATER;
      default:
        return unreachable(onFailure);
    }
  }
}
