import type { ServerEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import type { Lease } from "./sessions/session-table.ts";
import { SessionClosed, type SmtpSession } from "./sessions/smtp-session.ts";
import type { Stage } from "./wire/verdict.ts";
import { within } from "./within.ts";

/** How a question to the port ended, for those who only have to go on. */
export type Result<T> = { readonly kind: "value"; readonly value: T } | { readonly kind: "failed" };

const FAILED = { kind: "failed" } as const;
const ABANDONED = { kind: "abandoned" } as const;

/**
 * One request's turn at its SMTP session: puts questions to the port, in time. After a failure the session is dropped,
 * as nobody knows where it stands; the next request about it begins anew.
 */
export class Turn {
  readonly #settings: Settings;
  readonly #stage: Stage;
  readonly #peer: string;
  readonly #take: () => Promise<Lease>;
  #lease: Lease | undefined;
  #isOver = false;
  readonly #abandoned = Promise.withResolvers<typeof ABANDONED>();

  /** @param take waits for the session. */
  constructor(settings: Settings, stage: Stage, peer: string, take: () => Promise<Lease>) {
    this.#settings = settings;
    this.#stage = stage;
    this.#peer = peer;
    this.#take = take;
  }

  /** It has failed: nothing is asked any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async ask<T>(deadlineMs: number, work: (session: SmtpSession) => Promise<T>): Promise<Result<T>> {
    if (this.#isOver) return FAILED;
    const outcome = await Promise.race([
      within(
        this.#settings.startTimer,
        deadlineMs,
        async () => work(await this.#session()),
        () => this.#report({ kind: "late-answer", peer: this.#peer, stage: this.#stage }),
      ),
      this.#abandoned.promise,
    ]);
    switch (outcome.kind) {
      case "value":
        return outcome;
      case "abandoned":
        return FAILED;
      case "threw":
        // Closed under our hands: the server stops.
        if (!(outcome.error instanceof SessionClosed)) this.#reportError(outcome.error);
        break;
      case "late":
        this.#report({ kind: "deadline", peer: this.#peer, stage: this.#stage, deadlineMs });
        break;
    }
    this.#fail();
    return FAILED;
  }

  /** Nobody waits for the answer any more: what is asked is given up, and the session with it. */
  abandon(): void {
    if (this.#isOver) return;
    this.#abandoned.resolve(ABANDONED);
    this.#fail();
  }

  /** Tells the port something it does not answer. */
  tell(work: (session: SmtpSession) => void): void {
    if (this.#lease === undefined) return;
    try {
      work(this.#lease.session);
    } catch (error) {
      this.#reportError(error);
      this.#fail();
    }
  }

  /** Whoever waits for the session has it now. */
  end(): void {
    this.#isOver = true;
    const lease = this.#lease;
    this.#lease = undefined;
    lease?.release();
  }

  async #session(): Promise<SmtpSession> {
    if (this.#lease !== undefined) return this.#lease.session;
    const lease = await this.#take();
    if (this.#isOver) {
      lease.release();
      throw new Error("The turn was over before it came");
    }
    this.#lease = lease;
    return lease.session;
  }

  #fail(): void {
    this.#isOver = true;
    const lease = this.#lease;
    this.#lease = undefined;
    lease?.drop("aborted");
  }

  #reportError(error: unknown): void {
    this.#report({ kind: "handler-error", peer: this.#peer, stage: this.#stage, error });
  }

  #report(event: ServerEvent): void {
    this.#settings.onEvent(event);
  }
}
