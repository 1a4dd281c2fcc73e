import type { DnsAnswer, Resolver } from "@postern/dns";
import type { Lookup, ScoreFact } from "@postern/filter-core";
import { addressBytes, type Clock, type IpAddress, reversedName } from "@postern/smtp-filter";
import type { Heard } from "./heard.ts";
import { createControls } from "./lists/controls.ts";
import { goodClient } from "./lists/good-clients.ts";
import { createGoodRecord } from "./lists/good-record.ts";
import { type ListFault, readListAnswer } from "./lists/list-answer.ts";
import { compileCodes } from "./lists/list-codes.ts";
import type { Pace } from "./lists/paced-flight.ts";

/** Why a zone is not believed for a while. */
export type MuteReason =
  /** 127.255.255.x: a typing error in the zone, an open resolver, or our quota is used up. */
  | "zone refuses us"
  /** Somebody bought the zone's name, or a resolver on the way invents answers. */
  | "answer outside 127.0.0.0/8"
  /** What a list does that ended: it has a score for addresses that send no mail. */
  | "a score for everyone"
  | "low scores for clients that are known to be good here";

export interface ScoreAlarm {
  readonly zone: string;
  readonly reason: MuteReason;
}

export interface ScoreSourceOptions {
  /** As in `score.senderscore.com`. */
  readonly zones: readonly string[];
  readonly clock: Clock;
  /** Lower scores may be held against a client, so they are confirmed before they count; default: all. */
  readonly doubtBelow?: number;
  readonly pace?: Pace;
  /** Called once for each time a zone is muted. */
  onAlarm?(alarm: ScoreAlarm): void;
}

/** Queries the score zones, and drops one with implausible answers. Made for each line where nothing may carry over. */
export interface ScoreSource {
  /** One result for each zone, in the configured order. Never rejects. */
  lookUp(resolver: Resolver, address: IpAddress): Promise<Heard<ScoreFact>>;
  /**
   * From now on zones are asked about others, too; before, as for `try`, every zone is believed.
   *
   * @param resolver for questions that are not a client's.
   */
  start(resolver: Resolver): void;
  close(): void;
}

const MUTE_MS = 15 * 60_000;
/** A good client has more, or the zone is mistaken. */
const LOW_SCORE = 50;

const isScore = compileCodes({ "127.0.4.0-100": "score" });

const REASONS: Partial<Record<ListFault, MuteReason>> = {
  "it refuses our questions": "zone refuses us",
  "it answers outside 127.0.0.0/8": "answer outside 127.0.0.0/8",
};

/** Makes a source that believes every zone at first. */
export function createScoreSource(options: ScoreSourceOptions): ScoreSource {
  const zones = options.zones.map((zone) => createZone(zone, options));
  return {
    lookUp: async (resolver, address) => {
      const said = await Promise.all(zones.map(({ lookUp }) => lookUp(resolver, address)));
      return {
        facts: said.map(({ fact }) => fact),
        vouch: (goodTo) => {
          const domain = goodTo(null);
          if (domain !== undefined) for (const { vouch } of said) vouch(domain);
        },
      };
    },
    start: (resolver) => {
      for (const zone of zones) zone.start(resolver);
    },
    close: () => {
      for (const zone of zones) zone.close();
    },
  };
}

function createZone(zone: string, options: ScoreSourceOptions) {
  const { clock, onAlarm, pace, doubtBelow = Number.POSITIVE_INFINITY } = options;
  let own: Resolver | undefined;
  const controls = createControls(
    async (address) =>
      own === undefined
        ? { kind: "temperror", detail: "closed" }
        : readListAnswer(await own.ask(reversedName(address, zone), "A"), isScore),
    clock,
    pace,
  );
  const record = createGoodRecord(clock);
  let mutedUntilMs = Number.NEGATIVE_INFINITY;
  let isHeld = false;
  /** Counts the bad times: what was said in one is not held against the zone in the next. */
  let era = 0;

  const isMuted = () => clock.nowMs() < mutedUntilMs;

  const mute = (fault: ListFault): void => {
    if (isMuted()) return;
    mutedUntilMs = clock.nowMs() + MUTE_MS;
    era += 1;
    record.clear();
    controls.reset();
    onAlarm?.({ zone, reason: REASONS[fault] ?? "a score for everyone" });
  };

  /** As long as it lasts, the zone is still asked: so it is seen when it is over. */
  const heed = (): void => {
    const wasHeld = isHeld;
    isHeld = record.opinion() !== "usual";
    if (isHeld && !wasHeld)
      onAlarm?.({ zone, reason: "low scores for clients that are known to be good here" });
  };

  /** Whether a score may be used, or a fault is one of the zone and not of a single answer. */
  const confirm = async (address: IpAddress, reading: Lookup<number>): Promise<Lookup<number>> => {
    const { health, oddity } = await controls.look(address);
    if (health.kind === "failed") mute(health.fault);
    else if (reading.status === "temperror" && oddity !== undefined) mute(oddity);
    if (isMuted()) return temperror("muted");
    return health.kind === "passed" ? reading : temperror("cannot be confirmed");
  };

  const askAbout = async (resolver: Resolver, address: IpAddress): Promise<Lookup<number>> => {
    if (isMuted()) return temperror("muted");
    const { result, isWrong } = read(await resolver.ask(reversedName(address, zone), "A"));
    if (isMuted()) return temperror("muted");
    const isDoubted = result.status === "found" && result.value < doubtBelow;
    if (own === undefined || !(isDoubted || isWrong)) return result;
    const confirmed = await confirm(address, result);
    return isWrong && confirmed.status === "temperror" ? result : confirmed;
  };

  return {
    lookUp: async (resolver: Resolver, address: IpAddress) => {
      const eraOfAnswer = era;
      const result = await askAbout(resolver, address);
      heed();
      return {
        fact: { zone, result: isHeld ? temperror("held") : result },
        vouch: (domain: string) => {
          if (own === undefined || eraOfAnswer !== era || result.status === "temperror") return;
          const isLow = result.status === "found" && result.value < LOW_SCORE;
          record.note(goodClient(address, domain), isLow);
          heed();
        },
      };
    },
    start: (resolver: Resolver) => {
      own = resolver;
    },
    close: () => controls.close(),
  };
}

interface ScoreReading {
  readonly result: Lookup<number>;
  /** No zone that works says that, of anybody. */
  readonly isWrong: boolean;
}

/** 127.0.4.0 to 127.0.4.100 is a score and nothing else is; of several the lowest counts. */
function read(answer: DnsAnswer<IpAddress>): ScoreReading {
  if (answer.status === "none") return { result: { status: "none" }, isWrong: false };
  const reading = readListAnswer(answer, isScore);
  if (reading.kind === "wrong")
    return { result: temperror(REASONS[reading.fault] ?? "not a score"), isWrong: true };
  if (answer.status === "temperror") return { result: answer, isWrong: false };
  const scores = answer.value
    .map(addressBytes)
    .filter(([, b, c, d]) => b === 0 && c === 4 && d !== undefined && d <= 100)
    .map(([, , , d]) => d ?? 0);
  const result: Lookup<number> =
    scores.length === 0
      ? temperror("not a score")
      : { status: "found", value: Math.min(...scores) };
  return { result, isWrong: false };
}

function temperror(detail: string): Lookup<number> {
  return { status: "temperror", detail };
}
