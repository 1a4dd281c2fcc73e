import { type CallResult, type FilterGuard, guardFilter } from "@postern/smtp-filter";
import type { Settings } from "./options.ts";
import type { Lease } from "./sessions/session-table.ts";
import { SessionClosed, type SmtpSession } from "./sessions/smtp-session.ts";
import type { Stage } from "./wire/verdict.ts";

/**
 * One request's turn at its SMTP session: puts questions to the port, in time. After a failure the session is dropped,
 * as nobody knows where it stands; the next request about it begins anew.
 */
export class Turn {
  readonly #stage: Stage;
  readonly #guard: FilterGuard<Stage>;
  readonly #take: () => Promise<Lease>;
  #lease: Lease | undefined;
  #isOver = false;

  /** @param take waits for the session. */
  constructor(settings: Settings, stage: Stage, peer: string, take: () => Promise<Lease>) {
    this.#stage = stage;
    this.#take = take;
    this.#guard = guardFilter(settings.clock, (failure, at) => {
      // Closed under our hands: the server stops.
      if (failure.kind === "handler-error" && failure.error instanceof SessionClosed) return;
      settings.onEvent({ ...failure, peer, stage: at });
    });
  }

  /** It has failed: nothing is asked any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  async ask<T>(
    deadlineMs: number,
    work: (session: SmtpSession) => Promise<T>,
  ): Promise<CallResult<T>> {
    if (this.#isOver) return { kind: "gone" };
    const result = await this.#guard.ask(this.#stage, deadlineMs, async () =>
      work(await this.#session()),
    );
    if (result.kind === "failed") this.#fail();
    return result;
  }

  /** Nobody waits for the answer any more: what is asked is given up, and the session with it. */
  abandon(): void {
    if (this.#isOver) return;
    this.#guard.leave();
    this.#fail();
  }

  /** Tells the port something it does not answer. */
  tell(work: (session: SmtpSession) => void): void {
    const session = this.#lease?.session;
    if (session === undefined) return;
    if (this.#guard.tell(this.#stage, () => work(session)).kind === "failed") this.#fail();
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
}
