import { type IpAddress, type Lookup, reversedName } from "@postern/filter-core";
import type { Clock } from "../clock.ts";
import type { DnsAnswer, Resolver } from "../dns/resolver.ts";

/** What one score zone says about a client: 0 (bad) to 100 (good). */
interface ZoneScore {
  readonly zone: string;
  readonly result: Lookup<number>;
}

/** Why a zone is not believed for a while. */
export type MuteReason =
  /** 127.255.255.x: a typing error in the zone, an open resolver, or our quota is used up. */
  | "zone refuses us"
  /** Somebody bought the zone's name, or a resolver on the way invents answers. */
  | "answer outside 127.0.0.0/8"
  /** What a list does that ended. */
  | "same score for everyone";

export interface ScoreSourceOptions {
  /** As in `score.senderscore.com`. */
  readonly zones: readonly string[];
  readonly clock: Clock;
  /** Called once for each time a zone is muted. */
  onAlarm?(alarm: { readonly zone: string; readonly reason: MuteReason }): void;
}

/** Queries the score zones, and drops one with implausible answers. Made for each line where nothing may carry over. */
export interface ScoreSource {
  /** One result for each zone, in the configured order. Never rejects. */
  lookUp(resolver: Resolver, address: IpAddress): Promise<readonly ZoneScore[]>;
}

const MUTE_MS = 15 * 60_000;
/** This many different clients in a row with the same score: the zone is not measuring. */
const SAME_SCORE_CLIENTS = 50;

type Reading =
  | { readonly kind: "result"; readonly result: Lookup<number> }
  | { readonly kind: "mad"; readonly reason: MuteReason };

/** Makes a source that believes every zone at first. */
export function createScoreSource(options: ScoreSourceOptions): ScoreSource {
  const zones = options.zones.map((zone) => createZone(zone, options));
  return {
    lookUp: (resolver, address) =>
      Promise.all(
        zones.map(async ({ zone, ask }) => ({ zone, result: await ask(resolver, address) })),
      ),
  };
}

function createZone(zone: string, { clock, onAlarm }: ScoreSourceOptions) {
  const clients = new Set<IpAddress>();
  let sameScore = -1;
  let mutedUntilMs = Number.NEGATIVE_INFINITY;

  const isMuted = () => clock.nowMs() < mutedUntilMs;

  const mute = (reason: MuteReason): Lookup<number> => {
    clients.clear();
    mutedUntilMs = clock.nowMs() + MUTE_MS;
    onAlarm?.({ zone, reason });
    return temperror(reason);
  };

  /** A client without a score ends the row: a zone that lists everyone has none. */
  const isSameForEveryone = (address: IpAddress, score: number) => {
    if (score !== sameScore) clients.clear();
    sameScore = score;
    clients.add(address);
    return clients.size >= SAME_SCORE_CLIENTS;
  };

  const ask = async (resolver: Resolver, address: IpAddress): Promise<Lookup<number>> => {
    if (isMuted()) return temperror("muted");
    const reading = read(await resolver.ask(reversedName(address, zone), "A"));
    if (isMuted()) return temperror("muted");
    if (reading.kind === "mad") return mute(reading.reason);
    const { result } = reading;
    if (result.status === "none") clients.clear();
    if (result.status === "found" && isSameForEveryone(address, result.value)) {
      return mute("same score for everyone");
    }
    return result;
  };

  return { zone, ask };
}

/** 127.0.4.0 to 127.0.4.100 is a score and nothing else is; of several the lowest counts. */
function read(answer: DnsAnswer): Reading {
  if (answer.status === "temperror") return { kind: "result", result: answer };
  if (answer.status === "none") return { kind: "result", result: { status: "none" } };
  const octets = answer.value.map((text) => text.split(".").map(Number));
  if (octets.some(([a, b, c]) => a === 127 && b === 255 && c === 255)) {
    return { kind: "mad", reason: "zone refuses us" };
  }
  if (octets.some(([a]) => a !== 127)) {
    return { kind: "mad", reason: "answer outside 127.0.0.0/8" };
  }
  const scores = octets
    .filter(([, b, c, d]) => b === 0 && c === 4 && d !== undefined && d <= 100)
    .map(([, , , d]) => d ?? 0);
  return {
    kind: "result",
    result:
      scores.length === 0
        ? temperror("not a score")
        : { status: "found", value: Math.min(...scores) },
  };
}

function temperror(detail: string): Lookup<number> {
  return { status: "temperror", detail };
}
