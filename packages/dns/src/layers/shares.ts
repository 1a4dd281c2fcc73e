import { clientSite } from "@postern/smtp-filter";
import type { Question } from "../answer/question.ts";
import { ownerOf } from "./owner-of.ts";

/** Whose share of the slots a question takes. */
export interface Holders {
  /** A client network and an owner of names, each of which may have only so many. */
  readonly limited: readonly string[];
  /** The site of the client: an IPv4 /24, an IPv6 /48. Undefined for our own questions. */
  readonly site: string | undefined;
}

/** How many questions are under way, and whose they are. */
export interface Shares {
  total(): number;
  ofSite(site: string): number;
  /** Whether one more is within what each of the holders may have. */
  hasRoom(holders: Holders): boolean;
  take(holders: Holders): void;
  giveBack(holders: Holders): void;
}

/** @param isOwnZone whether the site itself chose to ask about a name: then its owner has no limit. */
export function holdersOf(
  { name, asker }: Question,
  isOwnZone: (name: string) => boolean,
): Holders {
  return {
    limited: [
      ...(asker === undefined ? [] : [`client ${asker}`]),
      ...(isOwnZone(name) ? [] : [`owner ${ownerOf(name)}`]),
    ],
    site: asker === undefined ? undefined : clientSite(asker),
  };
}

export function openShares(forOne: number): Shares {
  const limited = new Map<string, number>();
  const sites = new Map<string, number>();
  let total = 0;
  const count = ({ limited: keys, site }: Holders, change: 1 | -1): void => {
    total += change;
    for (const key of keys) add(limited, key, change);
    if (site !== undefined) add(sites, site, change);
  };
  return {
    total: () => total,
    ofSite: (site) => sites.get(site) ?? 0,
    hasRoom: ({ limited: keys }) => keys.every((key) => (limited.get(key) ?? 0) < forOne),
    take: (holders) => count(holders, 1),
    giveBack: (holders) => count(holders, -1),
  };
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const sum = (counts.get(key) ?? 0) + change;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
