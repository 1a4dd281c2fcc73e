import { type Clock, clientSite } from "@postern/smtp-filter";
import { type DnsAnswer, type DnsFault, fault } from "../answer/answer.ts";
import type { Ask, Question } from "../answer/question.ts";
import { add, remove } from "./groups.ts";
import { type Holders, holdersOf, openShares } from "./shares.ts";
import { openSlot, type Slot } from "./slot.ts";
import { SLOW_AFTER_MS, trackUnansweredTime } from "./unanswered-time.ts";

export interface Limits {
  /** Questions under way at the same time. */
  readonly inFlight: number;
  /** Of these, for one client network, and for one domain owner: silent name servers only delay their own domain. */
  readonly inFlightForOne: number;
  /** Questions that wait for a slot. */
  readonly waiting: number;
}

export interface LimitOptions {
  /** Whether the site itself chose to ask this zone (lists, scores): it may have all slots. */
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
  /** Questions given up: the queue was full, or their time was over before they got a slot. */
  readonly turnedAway: number;
}

/** Each question has a socket of its own, so the cap is what bounds sockets and memory. */
export const LIMITS: Limits = { inFlight: 100, inFlightForOne: 10, waiting: 1_000 };

/** What becomes of a question that waited for a slot. `cancelled`: nobody waits for its answer any more. */
type Turn = "proceed" | "give up" | "cancelled";

interface Waiter {
  readonly holders: Holders;
  readonly settle: (turn: Turn) => void;
}

/**
 * Bounds the questions under way, in all and for each client network and owner of names. Who waits keeps the deadline
 * it came with. A slot that frees goes to the client's site (an IPv4 /24, an IPv6 /48) whose questions went least
 * without an answer, of these to that with the fewest under way: a flood waits behind itself, and not the rest of the
 * world behind the flood. Where no slot is free, a question that has been silent for long loses its own to a site
 * that had less of that.
 */
export function limit(ask: Ask, clock: Clock, limits: Limits, options: LimitOptions = {}): Limit {
  const { isOwnZone = () => false, onTurnedAway } = options;
  const shares = openShares(limits.inFlightForOne);
  const unanswered = trackUnansweredTime(clock);
  /** Both by {@link clientOf}. */
  const queue = new Map<string, Set<Waiter>>();
  const slots = new Map<string, Set<Slot>>();
  let waiting = 0;
  let turnedAway = 0;

  const isFull = (): boolean => shares.total() >= limits.inFlight;

  const unansweredOf = (client: string): number => {
    if (client === OURS) return 0;
    return unanswered.of(
      client,
      [...(slots.get(client) ?? [])].map(({ sinceMs }) => sinceMs),
    );
  };

  /** The first who may go of the client that comes next. */
  const nextWaiter = (): Waiter | undefined => {
    if (isFull()) return undefined;
    let next: Waiter | undefined;
    let [fewestSteps, fewestOpen] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (const [client, waiters] of queue) {
      const own = shares.ofSite(client);
      const steps = unansweredOf(client);
      if (steps > fewestSteps) continue;
      if (steps === fewestSteps && own >= fewestOpen) continue;
      const first = [...waiters].find(({ holders }) => shares.hasRoom(holders));
      if (first === undefined) continue;
      [next, fewestSteps, fewestOpen] = [first, steps, own];
      if (steps === 0 && own === 0) break;
    }
    return next;
  };

  /** Of the client whose questions went longest without an answer, the oldest one that is slow loses its slot. */
  const revokeSlot = (client: string): void => {
    if (!isFull()) return;
    const now = clock.nowMs();
    let most = unansweredOf(client);
    let [slowest, revoked]: [string, Slot | undefined] = [OURS, undefined];
    for (const [other, theirs] of slots) {
      const [oldest] = theirs;
      if (other === OURS || oldest === undefined || now - oldest.sinceMs <= SLOW_AFTER_MS) continue;
      const steps = unansweredOf(other);
      if (steps <= most) continue;
      [slowest, revoked, most] = [other, oldest, steps];
    }
    if (revoked === undefined) return;
    remove(slots, slowest, revoked);
    revoked.revoke();
  };

  /** Room for one more in a full queue: the client that has the most in it gives up its last. */
  const shortenQueue = (client: string): boolean => {
    let longest: Set<Waiter> | undefined;
    for (const waiters of queue.values())
      if (waiters.size > (longest?.size ?? 0)) longest = waiters;
    if (longest === undefined || longest.size <= (queue.get(client)?.size ?? 0) + 1) return false;
    [...longest].at(-1)?.settle("give up");
    return true;
  };

  /** Waits for a slot, until the question's time is over. */
  const takeSlot = (question: Question, holders: Holders): Turn | Promise<Turn> => {
    if (!isFull() && shares.hasRoom(holders)) {
      shares.take(holders);
      return "proceed";
    }
    const client = clientOf(question);
    if (waiting >= limits.waiting && !shortenQueue(client)) return "give up";
    return new Promise((resolve) => {
      const { signal } = question;
      const waiter: Waiter = {
        holders,
        settle: (turn) => {
          cancelDeadline();
          cancelRetry();
          signal?.removeEventListener("abort", onAbort);
          remove(queue, client, waiter);
          waiting -= 1;
          if (turn === "proceed") shares.take(holders);
          resolve(turn);
        },
      };
      const displace = (): void => {
        if (shares.hasRoom(holders)) revokeSlot(client);
      };
      const onAbort = (): void => waiter.settle("cancelled");
      const cancelDeadline = clock.after(question.untilMs - clock.nowMs(), () =>
        waiter.settle("give up"),
      );
      // By then whoever is silent now has been so for too long.
      const cancelRetry = clock.after(2 * SLOW_AFTER_MS, displace);
      signal?.addEventListener("abort", onAbort, { once: true });
      add(queue, client, waiter);
      waiting += 1;
      displace();
    });
  };

  const giveBackSlot = (holders: Holders): void => {
    shares.giveBack(holders);
    for (let next = nextWaiter(); next !== undefined; next = nextWaiter()) next.settle("proceed");
  };

  const giveUp = (): DnsAnswer => {
    turnedAway += 1;
    onTurnedAway?.();
    return fault("too many questions");
  };

  /** Asks what has a slot, until that is revoked. */
  const askInSlot = async (question: Question): Promise<DnsAnswer> => {
    const client = clientOf(question);
    const slot = openSlot(question, clock.nowMs());
    add(slots, client, slot);
    const answer = await ask({ ...question, signal: slot.signal });
    slot.release();
    remove(slots, client, slot);
    const isCut = isFault(answer, "cancelled");
    if (client !== OURS && (isCut || isFault(answer, "timeout")))
      unanswered.note(client, clock.nowMs() - slot.sinceMs);
    return isCut && slot.isRevoked() ? giveUp() : answer;
  };

  return {
    ask: async (question) => {
      if (question.signal?.aborted) return fault("cancelled");
      const holders = holdersOf(question, isOwnZone);
      const turn = await takeSlot(question, holders);
      if (turn === "give up") return giveUp();
      if (turn === "cancelled") return fault("cancelled");
      try {
        return await askInSlot(question);
      } finally {
        giveBackSlot(holders);
      }
    },
    counters: () => ({ inFlight: shares.total(), waiting, turnedAway }),
  };
}

function isFault(answer: DnsAnswer, detail: DnsFault): boolean {
  return answer.status === "temperror" && answer.detail === detail;
}

/** Our own questions: they stand together, and nothing is held against them. */
const OURS = "";

/** Who stands together in the queue: many networks of one site do not go before others. */
function clientOf({ asker }: Question): string {
  return asker === undefined ? OURS : clientSite(asker);
}
