import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";

/** Prefixes of networks, to be completed by a number. */
interface Pool {
  readonly prefixes: readonly string[];
  /** Those that one operator has, who may have all of them listed, for a reason: they weigh as much as one other. */
  readonly ofOne: readonly string[];
  readonly size: number;
  readonly radix: 10 | 16;
}

/** RFC 5737: documentation addresses. */
const DOCUMENTATION = ["192.0.2.", "198.51.100.", "203.0.113."];

/** The networks of the root name servers a to m, each there for that alone. */
const ROOT_IPV4 = [
  "198.41.0.",
  "170.247.170.",
  "192.33.4.",
  "199.7.91.",
  "192.203.230.",
  "192.5.5.",
  "192.112.36.",
  "198.97.190.",
  "192.36.148.",
  "192.58.128.",
  "193.0.14.",
  "199.7.83.",
  "202.12.27.",
];

/** The same of com and net. */
const COM_IPV4 = [
  "192.5.6.",
  "192.33.14.",
  "192.26.92.",
  "192.31.80.",
  "192.12.94.",
  "192.35.51.",
  "192.42.93.",
  "192.54.112.",
  "192.43.172.",
  "192.48.79.",
  "192.52.178.",
  "192.41.162.",
  "192.55.83.",
];

const ROOT_IPV6 = [
  "2001:503:ba3e::",
  "2801:1b8:10::",
  "2001:500:2::",
  "2001:500:2d::",
  "2001:500:a8::",
  "2001:500:2f::",
  "2001:500:12::",
  "2001:500:1::",
  "2001:7fe::",
  "2001:503:c27::",
  "2001:7fd::",
  "2001:500:9f::",
  "2001:dc3::",
];

const COM_IPV6 = [
  "2001:503:a83e::",
  "2001:503:231d::",
  "2001:503:83eb::",
  "2001:500:856e::",
  "2001:502:1ca1::",
  "2001:503:d414::",
  "2001:503:eea3::",
  "2001:502:8cc::",
  "2001:503:39c1::",
  "2001:502:7094::",
  "2001:503:d2d::",
  "2001:500:d937::",
  "2001:501:b1f9::",
];

/**
 * Addresses that send no mail, so that no list has a reason to list more than a few: a list that lists most of
 * them does not measure. `documentation` is for the test that everyone expects; a list may well spare RFC 5737 and
 * nobody else, so the others are the word that counts.
 */
export const POOLS: Readonly<Record<"documentation" | "ipv4" | "ipv6", Pool>> = {
  documentation: { prefixes: DOCUMENTATION, ofOne: [], size: 256, radix: 10 },
  ipv4: { ...inTurn(ROOT_IPV4, COM_IPV4), size: 256, radix: 10 },
  ipv6: { ...inTurn(ROOT_IPV6, COM_IPV6), size: 65_536, radix: 16 },
};

export interface ControlAddress {
  readonly prefix: string;
  readonly address: IpAddress;
  /** 1 for each operator. */
  readonly weight: number;
}

export interface ControlAddresses {
  /** One address in each of the next `count` networks; in each network where they are fewer, or none is given. */
  take(count?: number): readonly ControlAddress[];
  /** One address in each network that none of these is from. */
  others(than: readonly ControlAddress[]): readonly ControlAddress[];
  /**
   * Leaves networks out from now on.
   *
   * @returns `too many` if these, with those left out before, weigh more than {@link FEW_SHARE} of all: then none is left out.
   */
  setAside(those: readonly ControlAddress[]): "a few" | "too many";
  /** Leaves none out any more. */
  reset(): void;
}

/** A list has no reason to list more of them than this. */
export const FEW_SHARE = 0.4;

/**
 * Walks through a pool from a random start and comes back to an address only after all others: an old answer in
 * some resolver's cache would hide a list that went bad since.
 */
export function createControlAddresses({ prefixes, ofOne, size, radix }: Pool): ControlAddresses {
  const start = Math.floor(Math.random() * size);
  let active: readonly string[] = prefixes;
  let at = 0;
  let round = 0;

  const weightOf = (prefix: string): number => (ofOne.includes(prefix) ? 1 / ofOne.length : 1);
  const sum = (some: readonly string[]): number =>
    some.reduce((total, prefix) => total + weightOf(prefix), 0);

  const next = (): readonly ControlAddress[] => {
    if (at >= active.length) {
      at = 0;
      round += 1;
    }
    const prefix = active[at] ?? "";
    at += 1;
    const address = parseIpAddress(prefix + ((start + round) % size).toString(radix));
    return address === undefined ? [] : [{ prefix, address, weight: weightOf(prefix) }];
  };

  return {
    take: (count = active.length) =>
      Array.from({ length: Math.min(count, active.length) }, next).flat(),
    others: (than) => {
      const taken = new Set(than.map(({ prefix }) => prefix));
      return Array.from({ length: active.length }, next)
        .flat()
        .filter(({ prefix }) => !taken.has(prefix));
    },
    setAside: (those) => {
      const gone = new Set(those.map(({ prefix }) => prefix));
      const left = active.filter((prefix) => !gone.has(prefix));
      if (sum(prefixes) - sum(left) > sum(prefixes) * FEW_SHARE) return "too many";
      active = left;
      return "a few";
    },
    reset: () => {
      active = prefixes;
    },
  };
}

/** One of the root, one of com: their operator has two of the root's, too (a and j). */
function inTurn(
  root: readonly string[],
  com: readonly string[],
): { readonly prefixes: readonly string[]; readonly ofOne: readonly string[] } {
  return {
    prefixes: root.flatMap((prefix, i) => [prefix, ...com.slice(i, i + 1)]),
    ofOne: [...root.slice(0, 1), ...root.slice(9, 10), ...com],
  };
}
