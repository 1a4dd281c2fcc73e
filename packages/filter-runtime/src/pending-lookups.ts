import { isBefore, type Stage } from "@postern/filter-core";

export type LookupKind =
  | "history"
  | "reverse name"
  | "scores"
  | "lists"
  | "HELO address"
  | "sender domain"
  | "SPF"
  | "message";

/** The lookups of one session, under way or done; a later one of the same kind takes the place of an earlier. */
export class PendingLookups {
  readonly #pending = new Map<
    LookupKind,
    { readonly neededAt: Stage; readonly done: Promise<void> }
  >();

  /** A source that rejects has a bug; whoever waits for the judgement is told, nobody else. */
  start(kind: LookupKind, neededAt: Stage, work: () => Promise<void>): void {
    const done = work();
    done.catch(() => {});
    this.#pending.set(kind, { neededAt, done });
  }

  /** Nobody waits for it any more. */
  forget(kind: LookupKind): void {
    this.#pending.delete(kind);
  }

  /** Resolves when one has ended, at once if there is none. @throws what its source throws. */
  async ended(kind: LookupKind): Promise<void> {
    await this.#pending.get(kind)?.done;
  }

  /** Resolves when every lookup that a judgement at this stage needs has ended. @throws what their sources throw. */
  async ready(stage: Stage): Promise<void> {
    const needed = [...this.#pending.values()].filter(({ neededAt }) => !isBefore(stage, neededAt));
    await Promise.all(needed.map(({ done }) => done));
  }
}
