import {
  addressIdentity,
  type Complaints,
  complaintsOn,
  deferralKey,
  type Earlier,
  estimateOn,
  type Facts,
  faultKey,
  type Identity,
  identitiesOf,
  keysOfAuthor,
  networkIdentity,
  type ReputationPolicy,
  type Row,
  withoutNetwork,
} from "@postern/filter-core";
import type { History } from "./history.ts";

type Remembered = Pick<
  Facts,
  "reputation" | "vouched" | "complaints" | "correspondents" | "seen" | "learning"
>;
type Rows = ReadonlyMap<string, Row>;

/** What one connection and its message bring back to mind, as facts. Read twice: for the client, and for the message. */
export class HistoryFacts {
  readonly #history: History;
  readonly #policy: ReputationPolicy;
  #client: { readonly rows: Rows | null; readonly faultKey: string | undefined } | undefined;
  #message: OfMessage | undefined;

  constructor(history: History, policy: ReputationPolicy) {
    this.#history = history;
    this.#policy = policy;
  }

  /** What is known of an address: it may be asked before the reverse name has come. */
  async client(facts: Facts): Promise<void> {
    const { address } = facts.client;
    if (address === null) return;
    const fault = faultKey(facts);
    const keys = [addressIdentity(address).key, networkIdentity(address).key, ...listOf(fault)];
    this.#client = { rows: await this.#history.recall(keys), faultKey: fault };
  }

  /** What is known of who has signed, sent and written a message. */
  async message(facts: Facts, isCurrent: () => boolean): Promise<void> {
    const wrote = keysOfAuthor(facts);
    const deferral = deferralKey(facts);
    const identities = identitiesOf(facts, this.#policy.sharedPools);
    const keys = [
      ...identities
        .flatMap((one) => [one.key, ...listOf(withoutNetwork(one)?.key)])
        .filter((key) => !(this.#client?.rows?.has(key) ?? false)),
      ...listOf(wrote?.address),
      ...listOf(wrote?.domain),
      ...listOf(deferral),
    ];
    const rows = keys.length === 0 ? new Map() : await this.#history.recall(keys);
    if (!isCurrent()) return;
    this.#message = { rows: rows && withEarlier(rows, identities), wrote, deferral };
  }

  /** Another transaction: what was known of the last one's message does not count. */
  forgetMessage(): void {
    this.#message = undefined;
  }

  /** What was recalled so far. Nothing if the store does not answer: partial knowledge could mislead. */
  facts(nowMs: number): Remembered {
    const rows = [this.#client, this.#message].flatMap((read) =>
      read === undefined ? [] : [read.rows],
    );
    const learning = this.#history.learningDays();
    if (rows.length === 0) return {};
    if (rows.includes(null))
      return this.#message === undefined ? {} : { correspondents: "temperror" };
    return {
      ...this.#ofSenders(
        rows.flatMap((found) => [...(found ?? [])]),
        Math.floor(nowMs / 86_400_000),
      ),
      ...(this.#message === undefined ? {} : { correspondents: correspondents(this.#message) }),
      seen: {
        deferral: deferralOf(this.#message, nowMs),
        faults: earlier(this.#client?.rows?.get(this.#client.faultKey ?? ""), nowMs),
      },
      ...(learning === undefined ? {} : { learning }),
    };
  }

  #ofSenders(
    rows: readonly (readonly [string, Row])[],
    day: number,
  ): Required<Pick<Facts, "reputation" | "vouched" | "complaints">> {
    const { weights } = this.#policy;
    const known = rows
      .filter(([key]) => !/^(?:wrote|deferral|fault):/.test(key))
      .map(([key, row]) => ({ key, row, all: estimateOn(day, row, weights) }))
      .filter(({ all, row }) => all.evidence > 0 || complaintsOn(day, row) !== undefined);
    const scored = known.filter(({ all }) => all.evidence > 0);
    const byPeople = { ...weights, clean: 0 };
    return {
      reputation: Object.fromEntries(scored.map(({ key, all }) => [key, tenths(all.score)])),
      vouched: Object.fromEntries(
        scored.map(({ key, row }) => [key, tenths(estimateOn(day, row, byPeople).score)]),
      ),
      complaints: Object.fromEntries(
        known.flatMap(({ key, row }) => {
          const told = complaintsOn(day, row);
          return told === undefined ? [] : [[key, rounded(told)]];
        }),
      ),
    };
  }
}

/**
 * Until a name has been seen with SPF since, what Postern 0.1 learned of it counts in every network, as it did there; it
 * fades. 0.1 kept no counters of complaints.
 */
function withEarlier(rows: Rows, identities: readonly Identity[]): Rows {
  const merged = new Map(rows);
  for (const identity of identities) {
    const plain = withoutNetwork(identity)?.key;
    const earlier = plain === undefined ? undefined : rows.get(plain);
    if (plain === undefined || earlier === undefined) continue;
    merged.delete(plain);
    if (complaintsOn(0, earlier) === undefined)
      merged.set(identity.key, sumOf(earlier, rows.get(identity.key) ?? {}));
  }
  return merged;
}

function sumOf(a: Row, b: Row): Row {
  const sum: Record<string, number> = { ...a };
  for (const [field, value] of Object.entries(b)) sum[field] = (sum[field] ?? 0) + value;
  return sum;
}

function rounded({ inbox, spam, readers = spam }: Complaints): Complaints {
  return { inbox: thousandths(inbox), spam: thousandths(spam), readers: thousandths(readers) };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

interface OfMessage {
  readonly rows: Rows | null;
  readonly wrote: ReturnType<typeof keysOfAuthor>;
  readonly deferral: string | undefined;
}

function correspondents({ rows, wrote }: OfMessage): NonNullable<Facts["correspondents"]> {
  if (wrote === undefined) return "none";
  if (wrote.address !== null && rows?.has(wrote.address)) return "address";
  return rows?.has(wrote.domain) ? "domain" : "none";
}

function deferralOf(message: OfMessage | undefined, nowMs: number): Earlier | "passed" {
  const row = message?.rows?.get(message.deferral ?? "");
  return row?.["passed"] === 1 ? "passed" : earlier(row, nowMs);
}

function earlier(row: Row | undefined, nowMs: number): Earlier {
  const first = row?.["first"];
  const tries = row?.["tries"];
  if (first === undefined || tries === undefined || tries < 1) return "first";
  return { firstSecondsAgo: Math.max(0, (nowMs - first) / 1000), tries: Math.round(tries) };
}

function listOf(key: string | null | undefined): readonly string[] {
  return key === undefined || key === null ? [] : [key];
}
