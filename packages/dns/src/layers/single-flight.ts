import { type DnsAnswer, fault } from "../answer/answer.ts";
import { type Ask, keyOf, type Question } from "../answer/question.ts";

export interface SingleFlight {
  readonly ask: Ask;
  /** Questions that shared another one's answer. */
  joined(): number;
}

/** A question under way, and how many still wait for it. */
interface Flight {
  readonly answer: Promise<DnsAnswer>;
  waiting: number;
  /** Nobody waits any more. */
  cancel(): void;
}

/**
 * Asks the same question once while it is under way; who comes later shares the answer, and the deadline. Each client
 * network has flights of its own: in that of a flood, which waits behind itself, others would wait too. The question is
 * dropped when the last of those who wait has gone, and not before.
 */
export function singleFlight(ask: Ask): SingleFlight {
  const flights = new Map<string, Flight>();
  let joined = 0;

  const begin = (key: string, question: Question): Flight => {
    const isUnwanted = new AbortController();
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    const flight: Flight = {
      answer: ask({ ...question, signal: isUnwanted.signal }).finally(land),
      waiting: 0,
      cancel: () => {
        land();
        isUnwanted.abort();
      },
    };
    flights.set(key, flight);
    return flight;
  };

  return {
    ask: async (question) => {
      if (question.signal?.aborted) return fault("cancelled");
      const key = `${keyOf(question)} ${question.asker ?? ""}`;
      const underWay = flights.get(key);
      if (underWay !== undefined) joined += 1;
      return board(underWay ?? begin(key, question), question.signal);
    },
    joined: () => joined,
  };
}

/** Waits for the answer, until the signal. */
function board(flight: Flight, signal: AbortSignal | undefined): Promise<DnsAnswer> {
  flight.waiting += 1;
  if (signal === undefined) return flight.answer;
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      resolve(fault("cancelled"));
      flight.waiting -= 1;
      if (flight.waiting === 0) flight.cancel();
    };
    signal.addEventListener("abort", leave, { once: true });
    flight.answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
