import type { IpAddress } from "@postern/filter-core";

/** `held`: what looks like too many, so that nobody is refused before it is clear. */
export type Opinion = "usual" | "held" | "too many";

/** Watches what share of the clients a list lists: each client counts once, with what was last said of it. */
export interface ListWatch {
  note(address: IpAddress, isListed: boolean): Opinion;
  /** The share of listed clients; of the first few no high one. */
  share(): number;
  /** Whether the share has fallen well below the limit, so that a list does not come and go. */
  isCalm(): boolean;
  clear(): void;
}

const CLIENTS = 200;
const CALM_SHARE = 0.4;
const FIRST_FEW = 20;

/** So many of the last clients, and more than half of them listed, or a row of so many: the answers are held. */
const FEW_CLIENTS = 40;
const ROW = 10;

/**
 * A list that passes every test and lists most clients all the same is either mad or right: a wave of spam looks
 * like that. So the answers are held at once, which costs a wave some refusals, and the list is given up only when it
 * lists more than 100 of the last 200 clients.
 */
export function createListWatch(): ListWatch {
  const clients = new Map<IpAddress, boolean>();

  const opinion = (): Opinion => {
    const listed = [...clients.values()];
    if (count(listed) * 2 > CLIENTS) return "too many";
    const isRow = listed.length >= ROW && count(listed.slice(-ROW)) === ROW;
    return isRow || count(listed.slice(-FEW_CLIENTS)) * 2 > FEW_CLIENTS ? "held" : "usual";
  };

  return {
    note: (address, isListed) => {
      clients.delete(address);
      clients.set(address, isListed);
      const [oldest] = clients.keys();
      if (clients.size > CLIENTS && oldest !== undefined) clients.delete(oldest);
      return opinion();
    },
    share: () => count([...clients.values()]) / Math.max(clients.size, FIRST_FEW),
    isCalm: () => count([...clients.values()]) <= clients.size * CALM_SHARE,
    clear: () => clients.clear(),
  };
}

function count(listed: readonly boolean[]): number {
  return listed.filter(Boolean).length;
}
