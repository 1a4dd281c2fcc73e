import { type Clock, systemClock } from "@postern/smtp-filter";
import type { DnsAnswer } from "./answer/answer.ts";
import { canonicalName } from "./answer/name.ts";
import type { RecordType } from "./answer/record.ts";
import { type Asker, type Resolver, resolverOf } from "./answer/resolver.ts";
import {
  type BreakerCounters,
  type BreakerState,
  breaker,
  type ProbeResult,
} from "./layers/breaker.ts";
import { CACHE_LIMITS, type CacheCounters, cache } from "./layers/cache.ts";
import { LIMITS, type LimitCounters, limit } from "./layers/limit.ts";
import { singleFlight } from "./layers/single-flight.ts";
import { openStubResolver } from "./network/stub-resolver.ts";

export interface DnsOptions {
  /** `127.0.0.1`, `127.0.0.1:5353`, `[::1]:53`; default the system's, read once. */
  readonly servers?: readonly string[];
  /** What one question may take, waiting in line included; default 2000. */
  readonly timeoutMs?: number;
  /** A name whose NS records any working resolver can answer for; default the root. */
  readonly probe?: string;
  /** Zones that the site itself chose to ask, lists and scores: they may be asked as often as there are clients. */
  readonly ownZones?: readonly string[];
  /** Called for each question that is given up because too many are under way. */
  onTurnedAway?(): void;
  /** Called when the resolver is given up as down (`open`), and when it answers, errors (`erring`) or well (`closed`). */
  onBreaker?(state: BreakerState): void;
}

/** The DNS of a running filter. What it is asked itself is on our own account. */
export interface Dns extends Resolver {
  /** The same on the account of a client: so much of its network, and no more, is under way at a time. */
  forAsker(asker: Asker): Resolver;
  breaker(): BreakerState;
  /** Whether the resolver works: to be asked at the start, before a client is the first to find out. Never rejects. */
  probe(): Promise<ProbeResult>;
  counters(): DnsCounters;
  /** Ends every question under way with the fault `closed`, and stops probing. */
  close(): void;
}

export interface DnsCounters {
  readonly asked: number;
  /** Shared the answer of the same question under way. */
  readonly joined: number;
  readonly cache: CacheCounters;
  readonly breaker: BreakerCounters;
  readonly limit: LimitCounters;
}

const TIMEOUT_MS = 2_000;

/**
 * Opens the DNS: single flight, then cache, breaker, limit, and the network. An answer is in the cache before its flight ends,
 * a cached one tells the breaker nothing, and an open breaker fills no line.
 *
 * @throws {TypeError} if a server is not an address.
 */
export function openDns(options: DnsOptions = {}, clock: Clock = systemClock): Dns {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const stub = openStubResolver(
    {
      timeoutMs,
      probeName: options.probe ?? ".",
      ...(options.servers === undefined ? {} : { servers: options.servers }),
    },
    clock,
  );
  const ownZones = new Set(options.ownZones ?? []);
  const limited = limit(stub.ask, clock, LIMITS, {
    isOwnZone: (name) => isBelowOneOf(name, ownZones),
    onTurnedAway: () => options.onTurnedAway?.(),
  });
  const guarded = breaker(limited.ask, clock, {
    probe: stub.probe,
    onChange: (state) => options.onBreaker?.(state),
  });
  const cached = cache(guarded.ask, clock, CACHE_LIMITS);
  const flights = singleFlight(cached.ask);
  let asked = 0;
  const ask = async (
    text: string,
    type: RecordType,
    { network, signal }: Asker,
  ): Promise<DnsAnswer> => {
    const name = canonicalName(text);
    if (name === undefined) return { status: "none", reason: "nxdomain" };
    asked += 1;
    const untilMs = clock.nowMs() + timeoutMs;
    return flights.ask({
      name,
      type,
      untilMs,
      ...(network === undefined ? {} : { asker: network }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
  return {
    ...resolverOf((name, type) => ask(name, type, {})),
    forAsker: (asker) => resolverOf((name, type) => ask(name, type, asker)),
    breaker: () => guarded.state(),
    probe: () => guarded.probe(),
    counters: () => ({
      asked,
      joined: flights.joined(),
      cache: cached.counters(),
      breaker: guarded.counters(),
      limit: limited.counters(),
    }),
    close: () => {
      guarded.close();
      stub.close();
    },
  };
}

function isBelowOneOf(name: string, zones: ReadonlySet<string>): boolean {
  if (zones.size === 0) return false;
  for (let rest = name; rest !== ""; rest = rest.slice(rest.indexOf(".") + 1)) {
    if (zones.has(rest)) return true;
    if (!rest.includes(".")) return false;
  }
  return false;
}
