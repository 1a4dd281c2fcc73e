import type { Domain } from "@postern/smtp-filter";

/** What zones say of a client, and the way back: by clients that are known to be good a zone is judged in turn. */
export interface Heard<Fact> {
  readonly facts: readonly Fact[];
  /**
   * To be called when more is known of the client; twice is no more than once.
   *
   * @param goodTo whose the client is, where it is known here to be good by others than this operator.
   */
  vouch(goodTo: GoodTo): void;
}

/** @param operator of the zone in question; null: of none that is named. */
export type GoodTo = (operator: string | null) => Domain | undefined;

/** No zone was asked. */
export const UNHEARD: Heard<never> = { facts: [], vouch() {} };
