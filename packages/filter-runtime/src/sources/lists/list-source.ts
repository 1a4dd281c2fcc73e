import type { Resolver } from "@postern/dns";
import type { ListFact } from "@postern/filter-core";
import type { Clock, IpAddress } from "@postern/smtp-filter";
import type { Heard } from "../heard.ts";
import { createDnsList } from "./dns-list.ts";
import type { ListFault } from "./list-answer.ts";
import type { Pace } from "./paced-flight.ts";

/** A DNS list of bad or good addresses (RFC 5782). */
export interface ListOptions {
  /** What is shown. */
  readonly zone: string;
  /** The zone that is asked: it may hold a paid key in front, so it goes into questions and nowhere else. */
  readonly query: string;
  /** Who runs it. */
  readonly operator: string;
  /** From patterns of answers, `127.0.0.4-7` or `127.0.*.2`, to labels. */
  readonly codes: Readonly<Record<string, string>>;
  /** Its page on an address, with the variable {ip}; null: there is none. */
  readonly url: string | null;
}

/** What the administrator should know of a list. */
export type ListAlarm =
  | { readonly kind: "muted"; readonly zone: string; readonly reason: ListFault }
  /** It lists too many of those who are known to be good here: its answers are not used for the time being. */
  | { readonly kind: "held"; readonly zone: string }
  /** Used again; `unused` answers were not used meanwhile. */
  | { readonly kind: "back"; readonly zone: string; readonly unused: number };

export interface ListSourceOptions {
  readonly lists: readonly ListOptions[];
  readonly clock: Clock;
  /** Called when a list goes bad, and when it is back. */
  onAlarm?(alarm: ListAlarm): void;
  /** For `try`: every list is taken as healthy, and asked about the client alone. */
  readonly trustAtOnce?: boolean;
  /** How often a list is asked about others than the clients; default {@link LOOKS}. */
  readonly pace?: Pace;
}

/** Queries the lists, and stops using a broken one before it has refused anyone. */
export interface ListSource {
  /** One fact for each list, in the configured order. Never rejects. */
  lookUp(resolver: Resolver, address: IpAddress): Promise<Heard<ListFact>>;
  /**
   * Tests every list, now and every 15 minutes. A list is used after its first successful self-test.
   *
   * @param resolver for questions that are not a client's.
   */
  start(resolver: Resolver): void;
  /** Ends when every list has had its first test after `start`. */
  firstTests(): Promise<void>;
  /** Ends the tests. */
  close(): void;
}

/** @throws {RangeError} if a code is not a pattern. */
export function createListSource(options: ListSourceOptions): ListSource {
  const { clock, onAlarm, trustAtOnce = false, pace } = options;
  const lists = options.lists.map((about) => {
    const { zone, query, codes } = about;
    const list = createDnsList({
      query,
      codes,
      clock,
      initial: trustAtOnce ? "trusted" : "untested",
      ...(pace === undefined ? {} : { pace }),
      onHold: () => onAlarm?.({ kind: "held", zone }),
      onMute: (reason) => onAlarm?.({ kind: "muted", zone, reason }),
      onReturn: (unused) => onAlarm?.({ kind: "back", zone, unused }),
    });
    return { about, list };
  });
  return {
    lookUp: async (resolver, address) => {
      const said = await Promise.all(
        lists.map(async ({ about, list }) => ({
          about,
          said: await list.lookUp(resolver, address),
        })),
      );
      return {
        facts: said.map(({ about: { zone, operator, url }, said: { result } }) => ({
          zone,
          operator,
          url: url?.replaceAll("{ip}", address) ?? null,
          result,
        })),
        vouch: (goodTo) => {
          for (const { about, said: one } of said) {
            const domain = goodTo(about.operator);
            if (domain !== undefined) one.vouch(domain);
          }
        },
      };
    },
    start: (resolver) => {
      for (const { list } of lists) list.start(resolver);
    },
    firstTests: async () => {
      await Promise.all(lists.map(({ list }) => list.firstTest));
    },
    close: () => {
      for (const { list } of lists) list.close();
    },
  };
}
