import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { type Dns, openDns } from "@postern/dns";
import { type Policy, rules } from "@postern/filter-core";
import {
  createListSource,
  createScoreSource,
  guardAddresses,
  type ListAlarm,
  type ListSource,
  openSources,
  openWorkBudget,
  rememberTlsListeners,
  type ScoreAlarm,
  type ScoreSource,
  type Settings,
  type Sources,
  tarpitPlaces,
} from "@postern/filter-runtime";
import {
  type Clock,
  type IpAddress,
  parseIpAddress,
  systemClock,
  unreachable,
} from "@postern/smtp-filter";
import type { Config } from "./config/config-types.ts";
import { sparingly } from "./sparingly.ts";

/** What one stage before the end of the message may take: Sendmail waits 10 s (MILTER.md section 3.6). */
const STAGE_DEADLINE_MS = 8_000;

/** Each slowed client holds a process of the mail server; Postfix has 100 by default. */
const MAX_SLOW_CLIENTS = 20;

/** What is not in the configuration: where the facts come from and where the words go. */
export type Surroundings = Pick<
  Settings,
  | "sources"
  | "clock"
  | "newId"
  | "log"
  | "onFault"
  | "tlsListeners"
  | "addressGuard"
  | "history"
  | "markKey"
  | "tarpitPlaces"
  | "workBudget"
>;

/** The settings of a conversation, from the configuration and its surroundings. */
export function settingsFrom(config: Config, surroundings: Surroundings): Settings {
  const { policy, authservId, localDomains, trusted, forwarders, submission } = config;
  const { onFailure, onDnsDown, limits } = config;
  return {
    rules,
    policy,
    site: { authservId, localDomains },
    trusted,
    forwarders: {
      clients: forwarders.flatMap((one) => (one.kind === "client" ? [one.network] : [])),
      sealers: forwarders.flatMap((one) => (one.kind === "arc-sealer" ? [one.domain] : [])),
    },
    submission,
    onFailure,
    onDnsDown,
    stageDeadlineMs: STAGE_DEADLINE_MS,
    messageDeadlineMs: limits.messageDeadlineMs,
    workLimits: { sessionMs: limits.sessionCpuMs, networkMs: limits.networkCpuMs },
    ...surroundings,
  };
}

/** What the daemon says beside its log of decisions. */
export type Announce = (text: string) => void;

/** What is wrong with a resolver that does not count as up. */
const RESOLVER_FAULTS = {
  open: "the resolver does not answer: mail is judged without DNS until it does",
  erring:
    "the resolver answers with errors only: failed lookups defer nobody until it has given a good answer",
} as const;

/** The DNS as the configuration wants it. */
export function openConfiguredDns(
  { dns, scores, lists }: Config,
  announce: Announce,
  clock: Clock,
): Dns {
  const { servers, timeoutMs, probe } = dns;
  let hasComplained = false;
  return openDns(
    {
      timeoutMs,
      probe,
      ownZones: [...scores, ...lists.map(({ query }) => query)],
      onTurnedAway: announceCrowding(announce, clock),
      ...(servers === null ? {} : { servers }),
      onBreaker: (state) => {
        if (state === "open" || state === "erring") announce(RESOLVER_FAULTS[state]);
        else if (hasComplained) announce("the resolver answers again");
        hasComplained = state !== "closed";
      },
    },
    clock,
  );
}

/** Says that questions are given up. */
function announceCrowding(announce: Announce, clock: Clock): () => void {
  return sparingly(
    (times) =>
      announce(
        `too many DNS questions at once: ${times} given up; mail of protected authors is told 451 where its checks are among them`,
      ),
    clock,
  );
}

/** The lists of the configuration, not yet tested. What they learn of themselves should outlive a reload. */
export function openConfiguredLists(
  { lists }: Config,
  announce: Announce,
  clock: Clock,
): ListSource {
  return createListSource({
    lists,
    clock,
    onAlarm: (alarm) => announce(listNews(alarm)),
  });
}

function listNews(alarm: ListAlarm): string {
  switch (alarm.kind) {
    case "muted":
      return `list ${alarm.zone} is disabled until it passes its self-tests: ${alarm.reason}`;
    case "held":
      return `list ${alarm.zone} is not used for now: it lists more than 5 % of the clients that are known to be good here`;
    case "back":
      return `list ${alarm.zone} is used again; ${alarm.unused} answers were ignored meanwhile`;
    default:
      return unreachable(alarm);
  }
}

/** The score zones of the configuration. What they learn of themselves should outlive a reload. */
export function openConfiguredScores(
  { scores: zones, policy }: Config,
  announce: Announce,
  clock: Clock,
): ScoreSource {
  const onAlarm = ({ zone, reason }: ScoreAlarm): void =>
    announce(
      reason === "low scores for clients that are known to be good here"
        ? `score zone ${zone} is not used for now: ${reason}`
        : `score zone ${zone} is muted for 15 minutes: ${reason}`,
    );
  return createScoreSource({ zones, clock, doubtBelow: lowestHarmlessScore(policy), onAlarm });
}

/** From this score on no rule of the policy counts. */
export function lowestHarmlessScore({ rules }: Policy): number {
  const tiers = Object.values(rules).flatMap(({ tiers = [] }) => tiers);
  return Math.max(0, ...tiers.map(({ below }) => below));
}

/** Sources over the real DNS. */
export function openConfiguredSources(
  dns: Dns,
  lists: ListSource,
  scores: ScoreSource,
  clock: Clock,
): Sources {
  const state = () => (dns.breaker() === "closed" ? "up" : "down");
  return openSources({
    resolver: dns,
    resolverFor: (asker) => dns.forAsker(asker),
    ...{ scores, lists, clock, state },
  });
}

/** The surroundings of a daemon; what its sources are, a reload changes. */
export function daemonSurroundings(
  log: Settings["log"],
  announce: Announce,
): Omit<Surroundings, "sources" | "history" | "markKey"> {
  return {
    clock: systemClock,
    newId: () => randomBytes(8).toString("hex"),
    log,
    onFault: (fault, stage) =>
      announce(
        fault.kind === "late"
          ? `no verdict at ${stage} before the deadline`
          : `an internal error at ${stage}: ${inOneLine(fault.error)}`,
      ),
    tlsListeners: rememberTlsListeners(),
    addressGuard: guardAddresses({
      own: ownAddresses(),
      onAlarm: ({ kind, address }) =>
        announce(
          kind === "hidden"
            ? `MOST CLIENTS COME FROM ${address}: it hides the real client addresses (a container gateway, NAT, or a proxy without the PROXY protocol). Until that changes it is not judged by its address: no reverse name, lists, scores or SPF`
            : `clients have individual addresses again: ${address} is judged like any other`,
        ),
    }),
    tarpitPlaces: tarpitPlaces(MAX_SLOW_CLIENTS),
    workBudget: openWorkBudget(systemClock),
  };
}

/** The addresses of this host: nobody else connects from them. */
function ownAddresses(): readonly IpAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address }) => parseIpAddress(address) ?? []);
}

/** An error for the log: its stack, without line ends. */
export function inOneLine(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replace(/[^\x20-\x7e]+\s*/g, " | ");
}
