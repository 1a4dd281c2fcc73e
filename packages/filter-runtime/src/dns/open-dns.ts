import type { Clock } from "../clock.ts";
import { type BreakerCounters, type BreakerState, breaker, type ProbeResult } from "./breaker.ts";
import { CACHE_LIMITS, type CacheCounters, cache } from "./cache.ts";
import { LIMITS, type LimitCounters, limit } from "./limit.ts";
import { openNodeResolver } from "./node-resolver.ts";
import { canonicalName, type Resolver } from "./resolver.ts";
import { singleFlight } from "./single-flight.ts";

export interface DnsOptions {
  /** `127.0.0.1`, `127.0.0.1:5353`, `[::1]:53`; default the system's, read once. */
  readonly servers?: readonly string[];
  /** What one question may take, waiting in line included; default 2000. */
  readonly timeoutMs?: number;
  /** A name whose NS records any working resolver can answer for; default the root. */
  readonly probe?: string;
  /** Called when the resolver is given up as down (`open`), and when it answers, errors (`erring`) or well (`closed`). */
  onBreaker?(state: BreakerState): void;
}

/** The DNS of a running filter. */
export interface Dns extends Resolver {
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
 * Opens the DNS: single flight, then cache, breaker, limit, and c-ares. An answer is in the cache before its flight ends,
 * a cached one tells the breaker nothing, and an open breaker fills no line.
 *
 * @throws {TypeError} if a server is no address.
 */
export function openDns(options: DnsOptions, clock: Clock): Dns {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const node = openNodeResolver(
    {
      timeoutMs,
      probeName: options.probe ?? ".",
      ...(options.servers === undefined ? {} : { servers: options.servers }),
    },
    clock,
  );
  const limited = limit(node.ask, clock, LIMITS);
  const guarded = breaker(limited.ask, clock, {
    probe: node.probe,
    onChange: (state) => options.onBreaker?.(state),
  });
  const cached = cache(guarded.ask, clock, CACHE_LIMITS);
  const flights = singleFlight(cached.ask);
  let asked = 0;
  return {
    ask: async (text, type) => {
      const name = canonicalName(text);
      if (name === undefined) return { status: "none", reason: "nxdomain" };
      asked += 1;
      return flights.ask({ name, type, untilMs: clock.nowMs() + timeoutMs });
    },
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
      node.close();
    },
  };
}
