import {
  type IpAddress,
  isIpv6,
  type Lookup,
  type Network,
  networkHas,
  parseNetwork,
  reversedName,
} from "@postern/filter-core";
import type { Clock } from "../../clock.ts";
import { within } from "../../deadline.ts";
import type { Resolver } from "../../dns/resolver.ts";
import { type Bystanders, createBystanders, POOLS } from "./bystanders.ts";
import { laterFlight } from "./later-flight.ts";
import { isEvidence, type ListFault, readListAnswer } from "./list-answer.ts";
import { compileCodes } from "./list-codes.ts";
import { type AskList, glanceAround, type Health, lookAround, testHealth } from "./list-health.ts";
import { keepListState, type ListState } from "./list-state.ts";
import { createListWatch } from "./list-watch.ts";

export interface DnsListOptions {
  /** The zone that is asked. It may hold a key: it goes into questions and nowhere else. */
  readonly query: string;
  readonly codes: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly initial: "untested" | "trusted";
  onMute(fault: ListFault): void;
  /** @param unused how many answers were not used meanwhile. */
  onReturn(unused: number): void;
}

/** One list. */
export interface DnsList {
  lookUp(resolver: Resolver, address: IpAddress): Promise<Lookup<readonly string[]>>;
  start(resolver: Resolver): void;
  /** Ends with the first test after `start`. */
  readonly firstTest: Promise<void>;
  close(): void;
}

const UNKNOWN: Health = { kind: "unknown" };

type Labels = Lookup<readonly string[]>;

/** Where the list answers us well and is given up for what it says of our clients, so that we go on looking. */
const TOO_MANY: ListFault = "it lists more than half of the clients";

/**
 * The fewer clients a list lists, the more bystanders can be asked about for each: half a question for every client
 * that connects. Of a list that lists 60 % of everything, three of three are spared one time in sixteen.
 */
const QUESTIONS_PER_CLIENT = 0.5;
const MIN_BYSTANDERS = 3;

/** What bystanders may take, so that the list's own answer and this stay far from the deadline of a stage. */
const CONFIRM_MS = 3_000;

/** Clients that no list knows anything of. */
const PRIVATE: readonly Network[] = [
  "10.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parseNetwork(text) ?? []);

/**
 * A list that cannot turn on its user. What can be seen in an answer (errors, addresses outside 127/8) is never a
 * label. A wildcard cannot be seen in it, and would refuse everyone from one moment to the next, however lately the
 * list was tested. So an answer against a client counts only when bystanders who were asked about *after it came*
 * are not listed. That costs one more round trip for listed clients alone, and many at a time share one look.
 * A list whose labels all begin with `dnswl`, of good addresses, is not held to that, nor to a share of the clients:
 * it may list most of them, and refuses nobody.
 */
export function createDnsList(options: DnsListOptions): DnsList {
  const { query, codes, clock, initial } = options;
  const labelsOf = compileCodes(codes);
  const isOfBad = !Object.values(codes).every((label) => label.startsWith("dnswl"));
  const isGuarded = isOfBad && initial === "untested";
  const documentation = createBystanders(POOLS.documentation);
  const bystanders = { ipv4: createBystanders(POOLS.ipv4), ipv6: createBystanders(POOLS.ipv6) };
  const watch = createListWatch();
  let unused = 0;
  /** Asks on the list's own account: what many share must not end with the client that began it. */
  let askForAll: AskList | undefined;

  const keeper = keepListState(clock, initial, (state) => {
    if (state.kind === "muted") {
      if (state.fault !== TOO_MANY) watch.clear();
      options.onMute(state.fault);
    } else {
      options.onReturn(unused);
      unused = 0;
    }
  });

  const askThrough =
    (resolver: Resolver): AskList =>
    async (address) =>
      readListAnswer(await resolver.ask(reversedName(address, query), "A"), labelsOf);

  const glance = (pool: Bystanders) => {
    let isInDoubt = false;
    return laterFlight(async (ask: AskList) => {
      const few = Math.max(MIN_BYSTANDERS, Math.floor(QUESTIONS_PER_CLIENT / watch.share()));
      const health = await glanceAround(ask, pool, isInDoubt ? Number.POSITIVE_INFINITY : few);
      isInDoubt = health.kind !== "passed";
      return health;
    });
  };
  const glances = { ipv4: glance(bystanders.ipv4), ipv6: glance(bystanders.ipv6) };

  const test = async (ask: AskList, state: ListState): Promise<Health> => {
    const health = await testHealth(ask, documentation);
    if (health.kind !== "passed" || state.kind !== "muted" || !isOfBad) return health;
    if (state.fault === TOO_MANY && !watch.isCalm()) return { kind: "failed", fault: TOO_MANY };
    const looks = await Promise.all([
      lookAround(ask, bystanders.ipv4),
      lookAround(ask, bystanders.ipv6),
    ]);
    return looks.find(({ kind }) => kind !== "passed") ?? health;
  };

  /** What keeps the answers from being used. */
  const silence = (): Labels | undefined => {
    const state = keeper.state();
    if (state.kind === "trusted") return undefined;
    if (state.kind === "untested") return temperror("not tested yet");
    unused += 1;
    return temperror(`muted: ${state.fault}`);
  };

  const isAsked = (state: ListState): boolean =>
    state.kind === "trusted" || (state.kind === "muted" && state.fault === TOO_MANY);

  /** Whether an answer against a client may be used. */
  const confirm = async (ask: AskList, address: IpAddress, listed: Labels): Promise<Labels> => {
    const opinion = watch.note(address, true);
    if (keeper.state().kind !== "trusted") return listed;
    const look = glances[isIpv6(address) ? "ipv6" : "ipv4"];
    const ending = await within(clock, CONFIRM_MS, () => look(askForAll ?? ask));
    const health = ending.kind === "done" ? ending.value : UNKNOWN;
    if (health.kind === "failed") keeper.mute(health.fault);
    if (opinion === "too many") keeper.mute(TOO_MANY);
    if (health.kind === "unknown") return temperror("cannot be confirmed");
    return opinion === "usual" ? listed : temperror("lists too many at the moment");
  };

  const answer = async (ask: AskList, address: IpAddress): Promise<Labels> => {
    const reading = await ask(address);
    if (!isAsked(keeper.state())) return temperror("muted meanwhile");
    if (reading.kind === "temperror") return temperror(reading.detail);
    if (reading.kind === "wrong") {
      keeper.mute(reading.fault);
      return temperror(reading.fault);
    }
    if (reading.kind === "listed" && isEvidence(reading)) {
      const listed: Labels = { status: "found", value: reading.labels };
      return isGuarded ? confirm(ask, address, listed) : listed;
    }
    if (isGuarded) watch.note(address, false);
    return { status: "none" };
  };

  return {
    lookUp: async (resolver, address) => {
      if (PRIVATE.some((network) => networkHas(network, address))) return { status: "none" };
      const result = isAsked(keeper.state())
        ? await answer(askThrough(resolver), address)
        : temperror("not asked");
      return silence() ?? result;
    },
    start: (resolver) => {
      const ask = askThrough(resolver);
      askForAll = ask;
      if (initial === "untested") keeper.start((state) => test(ask, state));
    },
    firstTest: keeper.firstTest,
    close: () => keeper.close(),
  };
}

function temperror(detail: string): Labels {
  return { status: "temperror", detail };
}
