import { type Ask, keyOf } from "./question.ts";
import type { DnsAnswer } from "./resolver.ts";

export interface SingleFlight {
  readonly ask: Ask;
  /** Questions that shared another one's answer. */
  joined(): number;
}

/**
 * Asks the same question once while it is under way; who comes later shares the answer, and the deadline. Each client
 * network has flights of its own: in that of a flood, which waits behind itself, others would wait too.
 */
export function singleFlight(ask: Ask): SingleFlight {
  const flights = new Map<string, Promise<DnsAnswer>>();
  let joined = 0;
  return {
    ask: (question) => {
      const key = `${keyOf(question)} ${question.asker ?? ""}`;
      const underWay = flights.get(key);
      if (underWay !== undefined) {
        joined += 1;
        return underWay;
      }
      const flight = ask(question).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    joined: () => joined,
  };
}
