import { ownerOf } from "@postern/dns";
import { networkIdentity } from "@postern/filter-core";
import type { Clock, IpAddress } from "@postern/smtp-filter";

/** A client that is known here to be good. */
export interface GoodClient {
  readonly address: IpAddress;
  /** Its /24 or /48. */
  readonly network: string;
  /** Whose it is, as far as names show it. */
  readonly owner: string;
}

/** @param domain that is proved to be the client's. */
export function goodClient(address: IpAddress, domain: string): GoodClient {
  return { address, network: networkIdentity(address).key, owner: ownerOf(domain) };
}

/** A bounded list of good clients with something kept of each, the one that was put in last at the end. */
export interface Roll<T extends GoodClient> {
  /** Takes the place of whoever has the same network or the same owner. */
  put(one: T): void;
  of(address: IpAddress): T | undefined;
  /** Those that are not too old. */
  all(): readonly T[];
  clear(): void;
}

export interface RollLimits {
  readonly size: number;
  readonly maxAgeMs: number;
}

/** One for each network, and one for each owner: many addresses under one name, or many names at one address, are one. */
export function createRoll<T extends GoodClient>(clock: Clock, limits: RollLimits): Roll<T> {
  const byNetwork = new Map<string, { readonly one: T; readonly atMs: number }>();
  const networkOf = new Map<string, string>();

  const remove = (network: string | undefined): void => {
    const entry = network === undefined ? undefined : byNetwork.get(network);
    if (entry === undefined) return;
    byNetwork.delete(entry.one.network);
    networkOf.delete(entry.one.owner);
  };

  const trim = (): void => {
    for (const [network, { atMs }] of byNetwork) {
      const isOld = clock.nowMs() - atMs > limits.maxAgeMs;
      if (!isOld && byNetwork.size <= limits.size) return;
      remove(network);
    }
  };

  return {
    put: (one) => {
      remove(one.network);
      remove(networkOf.get(one.owner));
      byNetwork.set(one.network, { one, atMs: clock.nowMs() });
      networkOf.set(one.owner, one.network);
      trim();
    },
    of: (address) => {
      trim();
      const one = byNetwork.get(networkIdentity(address).key)?.one;
      return one?.address === address ? one : undefined;
    },
    all: () => {
      trim();
      return [...byNetwork.values()].map(({ one }) => one);
    },
    clear: () => {
      byNetwork.clear();
      networkOf.clear();
    },
  };
}
