import { setTimeout } from "node:timers/promises";
import {
  type Dns,
  formatLogLine,
  type ListSource,
  preloadSources,
  type Settings,
  systemClock,
} from "@postern/filter-runtime";
import type { Config } from "../config/config-types.ts";
import {
  type Announce,
  daemonSurroundings,
  openConfiguredDns,
  openConfiguredLists,
  openConfiguredSources,
  settingsFrom,
} from "../wire-up.ts";

/** What new conversations are judged by, over a DNS and lists that outlive a reload which does not touch them. */
export interface LiveSettings {
  current(): Settings;
  /** Open conversations go on by the settings they began with. */
  reload(config: Config): Promise<void>;
  close(): void;
}

/** So long new lists hold up the start or a reload; untested ones say nothing. */
const LIST_TEST_MS = 3_000;

/** @param write takes one line, without its end: decisions and announcements. */
export async function openLiveSettings(
  config: Config,
  write: (line: string) => void,
): Promise<LiveSettings> {
  const announce: Announce = (text) => write(`postern: ${text}`);
  const surroundings = daemonSurroundings((entry) => write(formatLogLine(entry)), announce);
  let active = config;
  let dns = openConfiguredDns(config, announce, systemClock);
  let lists = openConfiguredLists(config, announce, systemClock);
  let settings: Settings;
  const apply = (): void => {
    const sources = openConfiguredSources(active, dns, lists, announce, systemClock);
    settings = settingsFrom(active, { ...surroundings, sources });
  };
  preloadSources();
  await testLists(lists, dns);
  apply();
  return {
    current: () => settings,
    async reload(next) {
      const old = active;
      active = next;
      if (JSON.stringify(next.dns) !== JSON.stringify(old.dns)) {
        // Questions under way end as "closed": not evidence, and asked again by the next conversation.
        dns.close();
        dns = openConfiguredDns(next, announce, systemClock);
      }
      if (JSON.stringify([next.dns, next.lists]) !== JSON.stringify([old.dns, old.lists])) {
        lists.close();
        lists = openConfiguredLists(next, announce, systemClock);
        await testLists(lists, dns);
      }
      apply();
    },
    close() {
      lists.close();
      dns.close();
    },
  };
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
