import type { Resolver } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import { type Clock, type IpAddress, reversedName } from "@postern/smtp-filter";
import { createConfirmedListings } from "./confirmed-listings.ts";
import { createControlAddresses, POOLS } from "./control-addresses.ts";
import { createControls, LOOKS } from "./controls.ts";
import { createGoodClientCheck } from "./good-client-check.ts";
import { goodClient } from "./good-clients.ts";
import { createGoodRecord } from "./good-record.ts";
import { isEvidence, type ListFault, readListAnswer } from "./list-answer.ts";
import { compileCodes } from "./list-codes.ts";
import { type AskList, type Health, testHealth } from "./list-health.ts";
import { keepListState, type ListState } from "./list-state.ts";
import type { Pace } from "./paced-flight.ts";
import { isPrivate } from "./private-networks.ts";

export interface DnsListOptions {
  /** The zone that is asked. It may hold a key: it goes into questions and nowhere else. */
  readonly query: string;
  readonly codes: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly initial: "untested" | "trusted";
  readonly pace?: Pace;
  onMute(fault: ListFault): void;
  /** It is still asked, but not used. */
  onHold(): void;
  /** @param unused how many answers were not used meanwhile. */
  onReturn(unused: number): void;
}

type Labels = Lookup<readonly string[]>;

/** What a list says of a client, and the way to tell it that the client is known here to be good. */
interface Said {
  readonly result: Labels;
  /** @param domain that is proved to be the client's. */
  vouch(domain: string): void;
}

/** One list. */
export interface DnsList {
  lookUp(resolver: Resolver, address: IpAddress): Promise<Said>;
  /** @param resolver for questions on our own account. */
  start(resolver: Resolver): void;
  /** Ends with the first test after `start`. */
  readonly firstTest: Promise<void>;
  close(): void;
}

/** Where the list answers us well and is given up for what it says of good clients, so that we go on looking. */
const GOOD: ListFault = "it lists clients that are known to be good here";

interface Answer {
  readonly result: Labels;
  /** Whether it would count against the client; left out where that is not clear. */
  readonly isListed?: boolean;
}

/**
 * A list that cannot turn on its user, nor be turned off by those whom it lists: what share of the clients it lists
 * says nothing of it. It is judged by controls alone: its test entries; control addresses, who are asked about *after* each
 * answer against a client, so that a list that goes bad is noticed before it refuses anyone; and clients that are
 * known here to be good. An answer that no list gives makes it ask about others before it is believed.
 * A list whose labels all begin with `dnswl`, of good addresses, is held to its answers and test entries only: it
 * refuses nobody.
 */
export function createDnsList(options: DnsListOptions): DnsList {
  const { query, codes, clock, initial, pace = LOOKS } = options;
  const labelsOf = compileCodes(codes);
  const isOfBad = !Object.values(codes).every((label) => label.startsWith("dnswl"));
  const isGuarded = isOfBad && initial === "untested";
  const documentation = createControlAddresses(POOLS.documentation);
  let own: AskList = async () => ({ kind: "temperror", detail: "closed" });
  const askOwn: AskList = (address) => own(address);
  const controls = createControls(askOwn, clock, pace);
  const confirmed = createConfirmedListings(clock);
  const record = createGoodRecord(clock);
  const goodClients = createGoodClientCheck(askOwn, record, clock);
  let isHeld = false;
  let unused = 0;
  /** Counts the bad times: what was said in one is not held against the list in the next. */
  let era = 0;

  const keeper = keepListState(clock, initial, (state) => {
    if (state.kind === "muted") {
      controls.reset();
      confirmed.clear();
      if (state.fault !== GOOD) {
        era += 1;
        record.clear();
      }
      isHeld = false;
      options.onMute(state.fault);
    } else welcomeBack();
  });

  const welcomeBack = (): void => {
    isHeld = false;
    options.onReturn(unused);
    unused = 0;
  };

  const askThrough =
    (resolver: Resolver): AskList =>
    async (address) =>
      readListAnswer(await resolver.ask(reversedName(address, query), "A"), labelsOf);

  const test = async (state: ListState): Promise<Health> => {
    const health = await testHealth(askOwn, documentation);
    if (health.kind !== "passed" || state.kind !== "muted" || !isOfBad) return health;
    if (state.fault === GOOD && !record.isCalm()) return { kind: "failed", fault: GOOD };
    return controls.checkAll();
  };

  /** Draws the consequences of the record: it changes with each vote, and as votes grow old. */
  const heed = (): void => {
    const opinion = record.opinion();
    if (keeper.state().kind !== "trusted") return;
    if (opinion === "too many") keeper.mute(GOOD);
    else if (opinion === "held" && !isHeld) {
      isHeld = true;
      options.onHold();
    } else if (opinion === "usual" && isHeld) welcomeBack();
  };

  /** What keeps the answers from being used. */
  const silence = (): Labels | undefined => {
    const state = keeper.state();
    if (state.kind === "untested") return temperror("not tested yet");
    if (state.kind === "trusted" && !isHeld) return undefined;
    unused += 1;
    return temperror(state.kind === "muted" ? `muted: ${state.fault}` : `held: ${GOOD}`);
  };

  const isAsked = (state: ListState): boolean =>
    state.kind === "trusted" || (state.kind === "muted" && state.fault === GOOD);

  /** Whether others get such an answer, too: one client's may be forged, or an odd listing. */
  const doubt = async (address: IpAddress, fault: ListFault): Promise<Answer> => {
    if (initial === "untested") {
      const { health, oddity } = await controls.look(address);
      const seen = health.kind === "failed" ? health.fault : oddity;
      if (seen !== undefined && (isOfBad || seen !== "it lists everyone")) keeper.mute(seen);
    }
    return { result: temperror(fault) };
  };

  /** Whether an answer against a client may be used. */
  const confirm = async (address: IpAddress, labels: readonly string[]): Promise<Answer> => {
    const listed: Answer = { result: { status: "found", value: labels }, isListed: true };
    if (keeper.state().kind !== "trusted") return listed;
    if (!confirmed.has(address, labels)) {
      const { health } = await controls.look(address);
      if (health.kind === "failed") keeper.mute(health.fault);
      if (health.kind !== "passed") return { result: temperror("cannot be confirmed") };
      confirmed.add(address, labels);
    }
    const verdict = await goodClients.listed(address);
    if (verdict === "unknown") return { ...listed, result: temperror("cannot be confirmed") };
    return verdict === "few" ? listed : { ...listed, result: temperror(GOOD) };
  };

  const answer = async (ask: AskList, address: IpAddress): Promise<Answer> => {
    const reading = await ask(address);
    if (!isAsked(keeper.state())) return { result: temperror("muted meanwhile") };
    if (reading.kind === "temperror") return { result: temperror(reading.detail) };
    if (reading.kind === "wrong") return doubt(address, reading.fault);
    if (reading.kind !== "listed" || !isEvidence(reading)) {
      if (isGuarded) goodClients.spared(address);
      return { result: { status: "none" }, isListed: false };
    }
    if (isGuarded) return confirm(address, reading.labels);
    return { result: { status: "found", value: reading.labels } };
  };

  return {
    lookUp: async (resolver, address) => {
      if (isPrivate(address)) return { result: { status: "none" }, vouch() {} };
      const eraOfAnswer = era;
      const { result, isListed } = isAsked(keeper.state())
        ? await answer(askThrough(resolver), address)
        : { result: temperror("not asked") };
      if (isGuarded) heed();
      return {
        result: silence() ?? result,
        vouch: (domain) => {
          if (!isGuarded || isListed === undefined || eraOfAnswer !== era) return;
          const client = goodClient(address, domain);
          goodClients.admit(client);
          record.note(client, isListed);
          heed();
        },
      };
    },
    start: (resolver) => {
      own = askThrough(resolver);
      if (initial === "untested") keeper.start(test);
    },
    firstTest: keeper.firstTest,
    close: () => {
      keeper.close();
      controls.close();
    },
  };
}

function temperror(detail: string): Labels {
  return { status: "temperror", detail };
}
