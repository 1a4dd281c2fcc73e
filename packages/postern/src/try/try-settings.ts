import { scriptedResolver } from "@postern/dns";
import {
  createListSource,
  createScoreSource,
  type History,
  type ListSource,
  openSources,
  type Settings,
  type Sources,
} from "@postern/filter-runtime";
import { type Clock, systemClock } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import {
  openConfiguredDns,
  openConfiguredScores,
  openConfiguredSources,
  settingsFrom,
} from "../wire-up.ts";
import type { Case } from "./case.ts";
import { TRY_DECISION_ID } from "./run-case.ts";

/** Settings for one case, and what closes them. Nothing is carried over to the next. */
export interface TrySettings extends Disposable {
  readonly settings: Settings;
}

/** The configuration's settings at the case's time, over the case's DNS: nothing is slowed, logged or learned. */
export function openTrySettings(config: Config, input: Case, history: History | null): TrySettings {
  const { nowMs } = input;
  const clock = nowMs === null ? systemClock : { ...systemClock, wallMs: () => nowMs };
  const opened = openTrySources(config, input, clock);
  const settings = settingsFrom(config, {
    sources: opened.sources,
    clock,
    newId: () => TRY_DECISION_ID,
    log: () => {},
    onFault: () => {},
    tlsListeners: { note() {}, offers: () => input.tls === false },
    addressGuard: { isTheirs: () => true },
    history,
    // Only what is delivered is proved to be delivered.
    markKey: () => undefined,
    tarpitPlaces: { take: () => undefined },
    workBudget: null,
  });
  return { settings, [Symbol.dispose]: opened.close };
}

function openTrySources(
  config: Config,
  { dns: script, resolver: state }: Case,
  clock: Clock,
): { readonly sources: Sources; close(): void } {
  if (script !== null) {
    const scores = createScoreSource({ zones: config.scores, clock: systemClock });
    const lists = healthyLists(config, clock);
    const resolver = scriptedResolver(script);
    return {
      sources: openSources({ resolver, scores, lists, clock, state: () => state }),
      close() {},
    };
  }
  const dns = openConfiguredDns(config, () => {}, systemClock);
  return {
    sources: openConfiguredSources(
      dns,
      healthyLists(config, clock),
      openConfiguredScores(config, () => {}, clock),
      clock,
    ),
    close: () => dns.close(),
  };
}

/** Each line is judged alone, so lists are used without a self-test. */
function healthyLists({ lists }: Config, clock: Clock): ListSource {
  return createListSource({ lists, clock, trustAtOnce: true });
}
