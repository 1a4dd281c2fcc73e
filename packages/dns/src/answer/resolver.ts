import type { DnsAnswer } from "./answer.ts";
import type { RecordOf, RecordType } from "./record.ts";

/** The port through which everything here asks the DNS. */
export interface Resolver {
  /**
   * Never rejects. A name that no question can carry (an empty or too long label, more than 253 octets)
   * does not exist.
   *
   * @param name with or without final dot, in any case, one character for each byte.
   */
  ask<T extends RecordType>(name: string, type: T): Promise<DnsAnswer<RecordOf<T>>>;
}

/** On whose account questions are asked. */
export interface Asker {
  /** The network of the client; left out: our own account. */
  readonly network?: string;
  /** Aborts when nobody waits for the answers any more: questions under way then end as `cancelled`. */
  readonly signal?: AbortSignal;
}

/**
 * A resolver made of a function. It is trusted to answer with records of the type that it is asked for: nothing between
 * the reader of packets and whoever asks looks into a record, so the type is told here, once.
 */
export function resolverOf(ask: (name: string, type: RecordType) => Promise<DnsAnswer>): Resolver {
  return { ask: ask as Resolver["ask"] };
}
