import { type Clock, clientSite } from "@postern/smtp-filter";
import { type DnsAnswer, type DnsFault, fault } from "../answer/answer.ts";
import type { Ask, Question } from "../answer/question.ts";
import { add, remove } from "./groups.ts";
import { ownerOf } from "./owner-of.ts";
import { type Place, takeUp } from "./place.ts";
import { keepSilence, PATIENCE_MS } from "./silence.ts";

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

/** Each question has a socket of its own, so the cap is what bounds sockets and memory. */
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
 * it came with. A place that frees goes to the client's site (an IPv4 /24, an IPv6 /48) whose questions went least
 * without an answer, of these to that with the fewest under way: a flood waits behind itself, and not the rest of the
 * world behind the flood. Where no place is free, a question that has been silent for long gives up its own to a site
 * that had less of that.
 */
export function limit(ask: Ask, clock: Clock, limits: Limits, options: LimitOptions = {}): Limit {
  const silence = keepSilence(clock);
  /** By the site of the client, who may have many networks there. */
  const line = new Map<string, Set<Waiter>>();
  const places = new Map<string, Set<Place>>();
  /** By party: a client network, an owner of names; and by site, which is counted and not limited. */
  const underWay = new Map<string, number>();
  let inFlight = 0;
  let waiting = 0;
  let turnedAway = 0;

  const partiesOf = ({ name, asker }: Question): readonly string[] => [
    ...(asker === undefined ? [] : [`client ${asker}`, siteParty(clientSite(asker))]),
    ...(options.isOwnZone?.(name) === true ? [] : [`owner ${ownerOf(name)}`]),
  ];

  const mayBegin = (parties: readonly string[]): boolean =>
    parties.every(
      (party) => party.startsWith(SITE) || (underWay.get(party) ?? 0) < limits.inFlightForOne,
    );

  const silenceOf = (client: string): number => {
    if (client === OURS) return 0;
    return silence.of(
      client,
      [...(places.get(client) ?? [])].map(({ sinceMs }) => sinceMs),
    );
  };

  /** The first who may go of the network that comes next. */
  const nextOf = (): Waiter | undefined => {
    if (inFlight >= limits.inFlight) return undefined;
    let best: Waiter | undefined;
    let [leastSilent, fewest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const [client, waiters] of line) {
      const own = underWay.get(siteParty(client)) ?? 0;
      const silent = silenceOf(client);
      if (silent > leastSilent || (silent === leastSilent && own >= fewest)) continue;
      const first = [...waiters].find(({ parties }) => mayBegin(parties));
      if (first === undefined) continue;
      [best, leastSilent, fewest] = [first, silent, own];
      if (silent === 0 && own === 0) break;
    }
    return best;
  };

  /** Of the network with the longest silence, the oldest question that has been silent too long loses its place. */
  const makePlace = (client: string): void => {
    if (inFlight < limits.inFlight) return;
    const now = clock.nowMs();
    let most = silenceOf(client);
    let [loser, victim]: [string, Place | undefined] = [OURS, undefined];
    for (const [other, theirs] of places) {
      const [oldest] = theirs;
      if (other === OURS || oldest === undefined || now - oldest.sinceMs <= PATIENCE_MS) continue;
      const silent = silenceOf(other);
      if (silent <= most) continue;
      [loser, victim, most] = [other, oldest, silent];
    }
    if (victim === undefined) return;
    remove(places, loser, victim);
    victim.lose();
  };

  /** Room for one more in a full line: whoever has the most in it gives up his last. */
  const makeRoom = (client: string): boolean => {
    let greediest: Set<Waiter> | undefined;
    for (const waiters of line.values())
      if (waiters.size > (greediest?.size ?? 0)) greediest = waiters;
    if (greediest === undefined || greediest.size <= (line.get(client)?.size ?? 0) + 1)
      return false;
    [...greediest].at(-1)?.settle("give up");
    return true;
  };

  /** Waits for a place, until the question's time is over. */
  const takePlace = (question: Question, parties: readonly string[]): Turn | Promise<Turn> => {
    if (inFlight < limits.inFlight && mayBegin(parties)) {
      occupy(parties, 1);
      return "proceed";
    }
    const client = clientOf(question);
    if (waiting >= limits.waiting && !makeRoom(client)) return "give up";
    return new Promise((resolve) => {
      const { signal } = question;
      const waiter: Waiter = {
        question,
        parties,
        settle: (outcome) => {
          cancel();
          cancelRetry();
          signal?.removeEventListener("abort", onAbort);
          remove(line, client, waiter);
          waiting -= 1;
          if (outcome === "proceed") occupy(parties, 1);
          resolve(outcome);
        },
      };
      const displace = (): void => {
        if (mayBegin(parties)) makePlace(client);
      };
      const onAbort = (): void => waiter.settle("cancelled");
      const cancel = clock.after(question.untilMs - clock.nowMs(), () => waiter.settle("give up"));
      // By then whoever is silent now has been so for too long.
      const cancelRetry = clock.after(2 * PATIENCE_MS, displace);
      signal?.addEventListener("abort", onAbort, { once: true });
      add(line, client, waiter);
      waiting += 1;
      displace();
    });
  };

  const occupy = (parties: readonly string[], count: 1 | -1): void => {
    inFlight += count;
    for (const party of parties) {
      const sum = (underWay.get(party) ?? 0) + count;
      if (sum === 0) underWay.delete(party);
      else underWay.set(party, sum);
    }
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

  /** Asks what has a place, until that is lost. */
  const askInPlace = async (question: Question): Promise<DnsAnswer> => {
    const client = clientOf(question);
    const place = takeUp(question, clock.nowMs());
    add(places, client, place);
    const answer = await ask({ ...question, signal: place.signal });
    place.leave();
    remove(places, client, place);
    const isCut = isAnswer(answer, "cancelled");
    if (client !== OURS && (isCut || isAnswer(answer, "timeout")))
      silence.note(client, clock.nowMs() - place.sinceMs);
    return isCut && place.isLost() ? giveUp() : answer;
  };

  return {
    ask: async (question) => {
      if (question.signal?.aborted) return fault("cancelled");
      const parties = partiesOf(question);
      const turn = await takePlace(question, parties);
      if (turn === "give up") return giveUp();
      if (turn === "cancelled") return fault("cancelled");
      try {
        return await askInPlace(question);
      } finally {
        leavePlace(parties);
      }
    },
    counters: () => ({ inFlight, waiting, turnedAway }),
  };
}

function isAnswer(answer: DnsAnswer, detail: DnsFault): boolean {
  return answer.status === "temperror" && answer.detail === detail;
}

/** The account of our own questions: they stand together, and nothing is held against them. */
const OURS = "";

/** Who waits in one line: many networks of one site do not go before others. */
function clientOf({ asker }: Question): string {
  return asker === undefined ? OURS : clientSite(asker);
}

const SITE = "site ";

function siteParty(site: string): string {
  return SITE + site;
}
