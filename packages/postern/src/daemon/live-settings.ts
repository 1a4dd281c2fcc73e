import { setTimeout } from "node:timers/promises";
import type { Dns } from "@postern/dns";
import {
  formatEntry,
  type ListSource,
  type MarkKey,
  preloadSources,
  type Settings,
} from "@postern/filter-runtime";
import { systemClock } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { type ConfiguredStore, openConfiguredStore } from "../configured-store.ts";
import { type Lesson, learnHeader } from "../learn/learn-header.ts";
import type { MarkRequest } from "../learn/wire.ts";
import {
  type Announce,
  daemonSurroundings,
  lowestHarmlessScore,
  openConfiguredDns,
  openConfiguredLists,
  openConfiguredScores,
  openConfiguredSources,
  settingsFrom,
} from "../wire-up.ts";
import { heldBack } from "./held-back.ts";
import { inTurn } from "./in-turn.ts";

/** What new conversations are judged by, over a DNS, lists and a store that outlive a reload which does not touch them. */
export interface LiveSettings {
  current(): Settings;
  /** A user's mark, by the configuration and store of now. */
  learn(request: MarkRequest): Promise<Lesson>;
  /**
   * Asks the DNS for the first time, and tests the lists: to be called when root is given up. What conversations have to
   * ask waits until then.
   */
  startDns(): Promise<void>;
  /** Opens the store, which belongs to whom we run as by then: to be called when root is given up. */
  openStore(): Promise<void>;
  /** Open conversations go on by the settings they began with. */
  reload(config: Config): Promise<void>;
  /** What the store has still to write is written. */
  close(): Promise<void>;
}

/** So long new lists hold up the start or a reload; untested ones say nothing. */
const LIST_TEST_MS = 3_000;

/** @param write takes one line, without its end: decisions and announcements. */
export function openLiveSettings(config: Config, write: (line: string) => void): LiveSettings {
  const announce: Announce = (text) => write(`postern: ${text}`);
  const surroundings = daemonSurroundings((entry) => write(formatEntry(entry)), announce);
  let active = config;
  let dns = openConfiguredDns(config, announce, systemClock);
  let lists = openConfiguredLists(config, announce, systemClock);
  let scores = openConfiguredScores(config, announce, systemClock);
  let store: ConfiguredStore | null = null;
  let settings: Settings;
  const started = Promise.withResolvers<void>();
  let isStarted = false;
  const askable = () => (isStarted ? { dns, lists } : heldBack(dns, lists, started.promise));
  const apply = (): void => {
    const asked = askable();
    const sources = openConfiguredSources(asked.dns, asked.lists, scores, systemClock);
    const { history, markKeeper } = store ?? { history: null, markKeeper: null };
    const markKey = (): MarkKey | undefined => markKeeper?.current();
    settings = settingsFrom(active, { ...surroundings, sources, history, markKey });
  };
  // Marks of one message that come together must see each other.
  const markInTurn = inTurn();
  // A close finds, and ends, all that was being opened before it.
  const openInTurn = inTurn();
  let isClosed = false;
  preloadSources();
  apply();
  return {
    current: () => settings,
    learn: (request) =>
      markInTurn(async () => {
        const open = store?.store ?? null;
        if (open === null) return { outcome: "later", text: "state is none: nothing is learned" };
        return await learnHeader(request, async () => open, active, systemClock.wallMs());
      }),
    startDns: async () => {
      void dns.probe();
      // Before anything is waited for: what starts after a close would never end.
      scores.start(dns);
      await testLists(lists, dns);
      isStarted = true;
      apply();
      started.resolve();
    },
    openStore: () =>
      openInTurn(async () => {
        if (isClosed) return;
        store = await openConfiguredStore(active, announce, systemClock);
        apply();
      }),
    reload: (next) =>
      openInTurn(async () => {
        if (isClosed) return;
        const old = active;
        active = next;
        if (JSON.stringify(next.dns) !== JSON.stringify(old.dns)) {
          // Questions under way end as "closed": not evidence, and asked again by the next conversation.
          dns.close();
          dns = openConfiguredDns(next, announce, systemClock);
          void dns.probe();
        }
        if (JSON.stringify([next.dns, next.lists]) !== JSON.stringify([old.dns, old.lists])) {
          lists.close();
          lists = openConfiguredLists(next, announce, systemClock);
          await testLists(lists, dns);
        }
        if (JSON.stringify(scoring(next)) !== JSON.stringify(scoring(old))) {
          scores.close();
          scores = openConfiguredScores(next, announce, systemClock);
        }
        scores.start(dns);
        if (
          store !== null &&
          JSON.stringify([next.state, next.limits]) !== JSON.stringify([old.state, old.limits])
        ) {
          const left = store;
          store = await openConfiguredStore(next, announce, systemClock);
          await left.close();
        }
        apply();
      }),
    close: () => {
      isClosed = true;
      return openInTurn(async () => {
        lists.close();
        scores.close();
        dns.close();
        started.resolve();
        const last = store;
        store = null;
        await last?.close();
      });
    },
  };
}

/** What score zones are opened by. */
function scoring(config: Config): readonly unknown[] {
  return [config.scores, lowestHarmlessScore(config.policy)];
}

async function testLists(lists: ListSource, dns: Dns): Promise<void> {
  lists.start(dns);
  const done = new AbortController();
  await Promise.race([
    lists.firstTests(),
    setTimeout(LIST_TEST_MS, undefined, { signal: done.signal }).catch(() => {}),
  ]);
  done.abort();
}
