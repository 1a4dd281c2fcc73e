import type { Clock } from "../clock.ts";
import { ownerOf } from "./owner-of.ts";
import type { Ask, Question } from "./question.ts";
import { type DnsAnswer, fault } from "./resolver.ts";

export interface Limits {
  /** Questions under way at the same time. */
  readonly inFlight: number;
  /** Of these, for one client network, and for one domain owner: silent name servers only delay their own domain. */
  readonly inFlightForOne: number;
  /** Questions in line behind them. */
  readonly waiting: number;
}

export interface LimitOptions {
  /** Whether the site itself chose to ask this zone (lists, scores): it may have all places. */
  readonly isOwnZone?: (name: string) => boolean;
  /** Called for each question that is given up. */
  readonly onTurnedAway?: () => void;
}

export interface Limit {
  readonly ask: Ask;
  counters(): LimitCounters;
}

export interface LimitCounters {
  readonly inFlight: number;
  readonly waiting: number;
  /** Questions given up: the line was full, or their time was over before their turn came. */
  readonly turnedAway: number;
}

/** c-ares shares no state between questions here, so the cap is what bounds sockets and memory. */
export const LIMITS: Limits = { inFlight: 100, inFlightForOne: 10, waiting: 1_000 };

/** What becomes of a question that asked for a place. `cancelled`: nobody waits for its answer any more. */
type Turn = "proceed" | "give up" | "cancelled";

interface Waiter {
  readonly question: Question;
  readonly parties: readonly string[];
  readonly settle: (outcome: Turn) => void;
}

/**
 * Bounds the questions under way, in all and for each client network and owner of names. Who waits keeps the deadline
 * it came with. A place that frees goes to the client network with the fewest under way: a flood waits behind itself,
 * and not the rest of the world behind the flood.
 */
export function limit(ask: Ask, clock: Clock, limits: Limits, options: LimitOptions = {}): Limit {
  const line = new Set<Waiter>();
  /** By party: a client network, or an owner of names. */
  const underWay = new Map<string, number>();
  const inLine = new Map<string, number>();
  let inFlight = 0;
  let turnedAway = 0;

  const partiesOf = ({ name, asker }: Question): readonly string[] => [
    ...(asker === undefined ? [] : [`client ${asker}`]),
    ...(options.isOwnZone?.(name) === true ? [] : [`owner ${ownerOf(name)}`]),
  ];

  const hasPlace = (parties: readonly string[]): boolean =>
    inFlight < limits.inFlight &&
    parties.every((party) => (underWay.get(party) ?? 0) < limits.inFlightForOne);

  const leaveLine = (waiter: Waiter): void => {
    if (line.delete(waiter)) add(inLine, clientOf(waiter.question), -1);
  };

  /** Of those who may go, the one whose client has the fewest under way; of these the first. */
  const nextOf = (): Waiter | undefined => {
    let best: Waiter | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const waiter of line) {
      const own = underWay.get(`client ${clientOf(waiter.question)}`) ?? 0;
      if (own >= fewest || !hasPlace(waiter.parties)) continue;
      best = waiter;
      fewest = own;
      if (fewest === 0) break;
    }
    return best;
  };

  /** Room for one more in a full line: whoever has the most in it gives up his last. */
  const makeRoom = (client: string): boolean => {
    const [greediest, most] = [...inLine].reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0]);
    if (most <= (inLine.get(client) ?? 0) + 1) return false;
    const last = [...line].findLast(({ question }) => clientOf(question) === greediest);
    last?.settle("give up");
    return last !== undefined;
  };

  /** Waits for a place, until the question's time is over. */
  const takePlace = (question: Question, parties: readonly string[]): Turn | Promise<Turn> => {
    if (hasPlace(parties)) {
      occupy(parties, 1);
      return "proceed";
    }
    const client = clientOf(question);
    if (line.size >= limits.waiting && !makeRoom(client)) return "give up";
    return new Promise((resolve) => {
      const { signal } = question;
      const waiter: Waiter = {
        question,
        parties,
        settle: (outcome) => {
          cancel();
          signal?.removeEventListener("abort", onAbort);
          leaveLine(waiter);
          if (outcome === "proceed") occupy(parties, 1);
          resolve(outcome);
        },
      };
      const onAbort = (): void => waiter.settle("cancelled");
      const cancel = clock.after(question.untilMs - clock.nowMs(), () => waiter.settle("give up"));
      signal?.addEventListener("abort", onAbort, { once: true });
      line.add(waiter);
      add(inLine, client, 1);
    });
  };

  const occupy = (parties: readonly string[], places: 1 | -1): void => {
    inFlight += places;
    for (const party of parties) add(underWay, party, places);
  };

  const leavePlace = (parties: readonly string[]): void => {
    occupy(parties, -1);
    for (let next = nextOf(); next !== undefined; next = nextOf()) next.settle("proceed");
  };

  const giveUp = (): DnsAnswer => {
    turnedAway += 1;
    options.onTurnedAway?.();
    return fault("too many questions");
  };

  return {
    ask: async (question) => {
      if (question.signal?.aborted) return fault("cancelled");
      const parties = partiesOf(question);
      const turn = await takePlace(question, parties);
      if (turn === "give up") return giveUp();
      if (turn === "cancelled") return fault("cancelled");
      try {
        return await ask(question);
      } finally {
        leavePlace(parties);
      }
    },
    counters: () => ({ inFlight, waiting: line.size, turnedAway }),
  };
}

/** Questions of our own stand together. */
function clientOf({ asker }: Question): string {
  return asker ?? "";
}

function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
