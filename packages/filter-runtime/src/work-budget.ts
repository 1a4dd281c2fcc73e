import { type Clock, clientSite } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";

/**
 * What a piece of work costs at most, in microseconds of a core. Measured on 2026-11-24 (two cores of 2.5 GHz, Node 24),
 * the dearest input that our limits let through, and rounded up; `npm run bench -- prices` measures them again.
 */
const PRICES_US = {
  /** A command answered: its facts, the judgement, a line of the log. */
  command: 100,
  /** A DNS question asked, a packet each way. */
  question: 100,
  /** Each KiB of TXT records that is read: 680 ip4 terms in 8 KiB of SPF take 1,500. */
  recordKiB: 200,
  /** A header field that is read, and again for each signature that is verified. */
  field: 4,
  /** Each KiB of the header, likewise. */
  headerKiB: 15,
  /** A signature verified, with a key of 4096 bits. */
  signature: 600,
  /** Each KiB of the body, for each way to hash it that signatures ask for. */
  bodyKiB: 4.5,
} as const;

/** What work there is. */
type Work = keyof typeof PRICES_US;

/** Notes work that was done. */
export type Spend = (work: Work, amount: number) => void;

/** What one SMTP session may still cost. */
export interface SessionBudget {
  readonly spend: Spend;
  /** Whether the session, or all that its client's site had us do, costs more than is allowed a minute. */
  isSpent(): boolean;
}

export interface WorkBudget {
  /** @param network as `clientNetwork` names it; null where the client's address is not its own. */
  session(network: string | null, limits: WorkLimits): SessionBudget;
}

export interface WorkLimits {
  /** Milliseconds of a core that one session may take in a minute, and as many at once. */
  readonly sessionMs: number;
  /** The same for all sessions of a client's site together: an IPv4 /24, an IPv6 /48. */
  readonly networkMs: number;
}

/** Far above what honest sessions cost (docs/operate.md). */
export const WORK_LIMITS: WorkLimits = { sessionMs: 30_000, networkMs: 45_000 };

/** So many sites of clients are remembered; the one that was quiet for the longest is forgotten. */
const MAX_SITES = 10_000;

/**
 * Budgets by units of work, each at its price, since the CPU time of one loop cannot be told apart by session. A session
 * has a budget of its own, and the site of its client one for all of its sessions: else many sessions, or the 65,536
 * networks of an IPv6 /48, would do what one may not.
 */
export function openWorkBudget(clock: Pick<Clock, "nowMs">): WorkBudget {
  const sites = new LRUCache<string, Purse>({ max: MAX_SITES });
  const ofSite = (site: string, capacityMs: number): Purse => {
    const known = sites.get(site);
    if (known?.capacityMs === capacityMs) return known;
    const made = new Purse(capacityMs, clock);
    sites.set(site, made);
    return made;
  };
  return {
    session(network, { sessionMs, networkMs }) {
      const own = new Purse(sessionMs, clock);
      const purses = network === null ? [own] : [own, ofSite(clientSite(network), networkMs)];
      return {
        spend: (work, amount) => {
          for (const purse of purses) purse.spend((PRICES_US[work] * amount) / 1_000);
        },
        isSpent: () => purses.some((purse) => purse.isEmpty()),
      };
    },
  };
}

/** A token bucket of milliseconds: as many come back in a minute as it holds. */
class Purse {
  readonly capacityMs: number;
  readonly #clock: Pick<Clock, "nowMs">;
  #leftMs: number;
  #atMs: number;

  constructor(capacityMs: number, clock: Pick<Clock, "nowMs">) {
    this.capacityMs = capacityMs;
    this.#clock = clock;
    this.#leftMs = capacityMs;
    this.#atMs = clock.nowMs();
  }

  /** More than there is can be spent: work is told after it was done. But nobody pays for longer than a minute. */
  spend(ms: number): void {
    this.#fill();
    this.#leftMs = Math.max(this.#leftMs - ms, -this.capacityMs);
  }

  isEmpty(): boolean {
    this.#fill();
    return this.#leftMs <= 0;
  }

  #fill(): void {
    const nowMs = this.#clock.nowMs();
    const backMs = ((nowMs - this.#atMs) * this.capacityMs) / 60_000;
    this.#leftMs = Math.min(this.#leftMs + backMs, this.capacityMs);
    this.#atMs = nowMs;
  }
}
