import { type DnsAnswer, found, type Resolver, resolverOf } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import { type FakeClock, fakeClock } from "@postern/smtp-filter/testing";
import {
  createListSource,
  type ListAlarm,
  type ListOptions,
  type ListSource,
} from "../list-source.ts";
import type { Pace } from "../paced-flight.ts";

/** What a list answers to a question about an address. */
export type Behaviour = (address: IpAddress) => DnsAnswer<IpAddress>;

/** For tests: a list whose behaviour can be changed, the clock, and a source that asks. */
export interface ListStage {
  readonly world: { behaviour: Behaviour };
  readonly clock: FakeClock;
  readonly resolver: Resolver;
  readonly source: ListSource;
  readonly alarms: ListAlarm[];
  /** The addresses asked about, in order. */
  readonly asked: IpAddress[];
  look(address: string): Promise<Lookup<readonly string[]> | undefined>;
}

export const LIST: ListOptions = {
  zone: "list.test",
  query: "s3cret.list.test",
  operator: "tester",
  codes: { "127.0.0.2": "sbl", "127.0.0.4-7": "xbl", "127.0.0.9": "drop" },
  url: "https://list.test/?ip={ip}",
};

export const NONE: DnsAnswer<never> = { status: "none", reason: "nxdomain" };

interface StageOptions extends Partial<ListOptions> {
  readonly trustAtOnce?: boolean;
  /** What each answer takes; default 0: at once. */
  readonly delayMs?: number;
  /** Default: nobody waits for the others' questions, so that the clock need not move. */
  readonly pace?: Pace;
}

const AT_ONCE: Pace = { restMs: 0, crowd: 1, crowdRestMs: 0 };

export function listStage({
  trustAtOnce,
  delayMs = 0,
  pace = AT_ONCE,
  ...list
}: StageOptions = {}): ListStage {
  const clock = fakeClock();
  const alarms: ListAlarm[] = [];
  const asked: IpAddress[] = [];
  const world = { behaviour: honestly({}) };
  const about = { ...LIST, ...list };
  const resolver = resolverOf(async (name) => {
    const address = addressIn(name, about.query);
    asked.push(address);
    if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve));
    return world.behaviour(address);
  });
  const source = createListSource({
    lists: [about],
    clock,
    pace,
    onAlarm: (alarm) => alarms.push(alarm),
    ...(trustAtOnce === undefined ? {} : { trustAtOnce }),
  });
  const look = async (address: string) =>
    (await source.lookUp(resolver, ip(address))).facts.map(({ result }) => result)[0];
  return { world, clock, resolver, source, alarms, asked, look };
}

/** A list that works: the test entry of RFC 5782, and these. */
export function honestly(entries: Readonly<Record<string, string>>): Behaviour {
  const listed = new Map(Object.entries({ "127.0.0.2": "127.0.0.2", ...entries }));
  return (address) => {
    const answer = listed.get(address);
    return answer === undefined ? NONE : addresses(answer);
  };
}

const ENTRIES = { "81.2.69.1": "127.0.0.2", "81.2.69.2": "127.0.0.77", "2a02::1": "127.0.0.4" };

/** For tests: the behaviour of a list with a few entries. */
export const usual: Behaviour = honestly(ENTRIES);

/** For tests: a stage whose list has passed its first test, and lists a few. */
export async function testedStage(options: StageOptions = {}): Promise<ListStage> {
  const stage = listStage(options);
  stage.world.behaviour = usual;
  stage.source.start(stage.resolver);
  await stage.clock.advance(2 * (options.delayMs ?? 0));
  stage.asked.length = 0;
  return stage;
}

/** For tests: so many clients. */
export function clients(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, i) => `82.3.${(from + i) >> 8}.${(from + i) & 255}`);
}

export function labels(...value: readonly string[]): Lookup<readonly string[]> {
  return { status: "found", value };
}

export function temperror(detail: string): Lookup<readonly string[]> {
  return { status: "temperror", detail };
}

/** For tests: an answer of these addresses. */
export function addresses(...texts: readonly string[]): DnsAnswer<IpAddress> {
  return found(texts.map(ip));
}

/** For tests: an address that is one. */
export function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new RangeError(`Cannot test with the address ${text}`);
  return parsed;
}

function addressIn(name: string, zone: string): IpAddress {
  const units = name.slice(0, -zone.length - 1).split(".");
  const inOrder = units.toReversed();
  return units.length === 4
    ? ip(inOrder.join("."))
    : ip(inOrder.join("").match(/.{4}/g)?.join(":") ?? "");
}
