import {
  addressIdentity,
  deferralKey,
  type Earlier,
  estimateOn,
  type Facts,
  faultKey,
  identitiesOf,
  keysOfAuthor,
  networkIdentity,
  type ReputationPolicy,
  type Row,
} from "@postern/filter-core";
import type { History } from "./history.ts";

type Remembered = Pick<Facts, "reputation" | "correspondents" | "seen" | "learning">;
type Rows = ReadonlyMap<string, Row>;

/** What one connection and its message bring back to mind, as facts. Read twice: for the client, and for the message. */
export class Recollection {
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
    const identities = identitiesOf(facts, this.#policy.sharedPools).map(({ key }) => key);
    const keys = [
      ...identities.filter((key) => !(this.#client?.rows?.has(key) ?? false)),
      ...listOf(wrote?.address),
      ...listOf(wrote?.domain),
      ...listOf(deferral),
    ];
    const rows = keys.length === 0 ? new Map() : await this.#history.recall(keys);
    if (!isCurrent()) return;
    this.#message = { rows, wrote, deferral };
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
    const day = Math.floor(nowMs / 86_400_000);
    return {
      reputation: Object.fromEntries(
        rows
          .flatMap((found) => [...(found ?? [])])
          .flatMap(([key, row]) => this.#score(key, row, day)),
      ),
      ...(this.#message === undefined ? {} : { correspondents: correspondents(this.#message) }),
      seen: {
        deferral: deferralOf(this.#message, nowMs),
        faults: earlier(this.#client?.rows?.get(this.#client.faultKey ?? ""), nowMs),
      },
      ...(learning === undefined ? {} : { learning }),
    };
  }

  #score(key: string, row: Row, day: number): readonly (readonly [string, number])[] {
    if (/^(?:wrote|deferral|fault):/.test(key)) return [];
    const { score, evidence } = estimateOn(day, row, this.#policy.weights);
    return evidence > 0 ? [[key, Math.round(score * 10) / 10]] : [];
  }
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
