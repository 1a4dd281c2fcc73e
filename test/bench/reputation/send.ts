import type { Group, Mail, Sender } from "./mail.ts";
import type { Random } from "./random.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS: number = 24 * HOUR_MS;
export const START_MS: number = Date.UTC(2026, 9, 25);
export const DAYS = 30;

const FAULTS = ["no Message-ID", "no one-click", "HELO without address", "no TLS"] as const;

/** People with a mailbox here. */
const PEOPLE = 300;

/** What all mail of a run is made with. */
export interface Making {
  readonly random: Random;
  /** How many senders there are of each kind, 1: the full run. */
  readonly size: number;
}

export type Faults = Readonly<Partial<Record<Mail["faults"][number], number>>>;

/** As measured on honest mail: it has a Message-ID, and hardly any comes without TLS. */
const FEW: Faults = { "HELO without address": 0.03, "no TLS": 0.0094 };

interface Sending {
  readonly group: Group;
  readonly isSpam: boolean;
  readonly perDay: number;
  readonly days?: readonly [from: number, to: number];
  /** To how many people here; default: to all. */
  readonly readers?: number;
  readonly author?: string;
  /** In how many messages each of these small faults is; default: of bulk mail and HELO, as on honest servers. */
  readonly faults?: Faults;
  /** How many come back after a 4xx. */
  readonly comesBack?: number;
  /** How many are answered. */
  readonly answered?: number;
}

/** As many of a kind as the size of the run wants. */
export function many<T>({ size }: Making, count: number, make: (i: number) => readonly T[]): T[] {
  return Array.from({ length: Math.max(1, Math.round(count * size)) }, (_, i) => make(i)).flat();
}

/** Evenly spread over its days, each message to one of the sender's readers. */
export function send(
  { random }: Making,
  sender: Sender,
  {
    group,
    isSpam,
    perDay,
    days: [from, to] = [0, DAYS],
    readers = PEOPLE,
    author = "a",
    faults = FEW,
    comesBack = 1,
    answered = isSpam ? 0 : 0.03,
  }: Sending,
): readonly Mail[] {
  const first = random.below(PEOPLE);
  return Array.from({ length: Math.round(perDay * (to - from)) }, () => ({
    group,
    isSpam,
    atMs: START_MS + Math.floor((from + random.next() * (to - from)) * DAY_MS),
    sender,
    author,
    to: `user${(first + random.below(readers)) % PEOPLE}@example.org`,
    comesBack: random.isLess(comesBack),
    carelessness: random.next(),
    readAfterMs: Math.round(5 * 60_000 * (2 * 24 * 12) ** random.next()),
    isAnswered: random.isLess(answered),
    guesses: isSpam && random.isLess(0.3),
    faults: FAULTS.filter((fault) => random.isLess(faults[fault] ?? 0)),
  }));
}

/** A time by its day, from the first. */
export function dayMs(day: number): number {
  return START_MS + day * DAY_MS;
}

export function addressIn(random: Random, firstOctet: number): string {
  const rest = [random.below(256), random.below(256), 1 + random.below(254)];
  return [firstOctet + random.below(20), ...rest].join(".");
}

/** A server in order, with all its papers. */
export function server(random: Random, name: string, firstOctet: number): Sender {
  return {
    domain: name,
    address: addressIn(random, firstOctet),
    name: { kind: "confirmed", text: `mail.${name}` },
    auth: "dmarc",
  };
}
