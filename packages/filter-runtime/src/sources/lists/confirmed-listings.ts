import { type Clock, clientNetwork, type IpAddress, isIpv6 } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";

/** Listings that were confirmed lately: who comes again, or from his next address in the same /64, costs no look. */
export interface ConfirmedListings {
  has(address: IpAddress, labels: readonly string[]): boolean;
  add(address: IpAddress, labels: readonly string[]): void;
  clear(): void;
}

/** As long as the cache of answers keeps what was found (layers/cache.ts of @postern/dns). */
const KEPT_MS = 5 * 60_000;
const MAX = 10_000;

export function createConfirmedListings(clock: Clock): ConfirmedListings {
  const kept = new LRUCache<string, true>({
    max: MAX,
    ttl: KEPT_MS,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
  return {
    has: (address, labels) => kept.has(keyOf(address, labels)),
    add: (address, labels) => {
      kept.set(keyOf(address, labels), true);
    },
    clear: () => kept.clear(),
  };
}

function keyOf(address: IpAddress, labels: readonly string[]): string {
  return `${isIpv6(address) ? clientNetwork(address) : address} ${labels.join(" ")}`;
}
