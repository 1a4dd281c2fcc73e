import {
  dayOf,
  deferralKey,
  type Earlier,
  type EvidenceKind,
  estimateOn,
  type Facts,
  faultKey,
  fieldOf,
  identitiesOf,
  increment,
  keysOfAuthor,
  keysOfRecipient,
  type ReputationPolicy,
  type Row,
  stillCounts,
  touchedBy,
} from "@postern/filter-core";

/** A store as plain as can be: what the model does, without the machinery of a real one. */
export class Memory {
  readonly #policy: ReputationPolicy;
  readonly #rows = new Map<string, Row>();
  readonly #today = new Map<string, number>();
  readonly #tries = new Map<string, { readonly firstMs: number; tries: number }>();
  readonly #passed = new Set<string>();
  readonly #written = new Set<string>();
  #firstDay: number | undefined;

  constructor(policy: ReputationPolicy) {
    this.#policy = policy;
  }

  /** The facts, and what is remembered. */
  recall(facts: Facts, atMs: number): Facts {
    const day = dayOf(facts.now);
    const scores = identitiesOf(facts, this.#policy.sharedPools).flatMap(({ key }) => {
      const row = this.#rows.get(key);
      return row === undefined
        ? []
        : [[key, estimateOn(day, row, this.#policy.weights).score] as const];
    });
    const keys = keysOfAuthor(facts);
    const wrote = (key: string | null | undefined): boolean => this.#written.has(key ?? "");
    const deferral = deferralKey(facts);
    return {
      ...facts,
      reputation: Object.fromEntries(scores),
      correspondents: wrote(keys?.address) ? "address" : wrote(keys?.domain) ? "domain" : "none",
      seen: {
        deferral: this.#passed.has(deferral ?? "") ? "passed" : this.#earlier(deferral, atMs),
        faults: this.#earlier(faultKey(facts), atMs),
      },
      learning: day - (this.#firstDay ?? day),
    };
  }

  learn(kind: EvidenceKind, facts: Facts): void {
    const day = dayOf(facts.now);
    this.#firstDay ??= day;
    const { halfLifeDays, dailyCaps, sharedPools } = this.#policy;
    const field = fieldOf(kind, halfLifeDays);
    for (const { key } of touchedBy(kind, identitiesOf(facts, sharedPools))) {
      const name = `${day} ${kind} ${key}`;
      const counted = this.#today.get(name) ?? 0;
      const amount = stillCounts(kind, 1, counted, dailyCaps);
      this.#today.set(name, counted + amount);
      const row = this.#rows.get(key) ?? {};
      const sum = (row[field] ?? 0) + increment(amount, day, halfLifeDays);
      if (amount > 0) this.#rows.set(key, { ...row, [field]: sum });
    }
  }

  tried(key: string | undefined, atMs: number): void {
    if (key === undefined) return;
    const before = this.#tries.get(key);
    if (before === undefined) this.#tries.set(key, { firstMs: atMs, tries: 1 });
    else before.tries += 1;
  }

  passed(facts: Facts): void {
    this.#passed.add(deferralKey(facts) ?? "");
  }

  wroteTo({ from }: Facts): void {
    const keys = from === null || from === "null-sender" ? undefined : keysOfRecipient(from);
    if (keys?.address !== undefined && keys.address !== null) this.#written.add(keys.address);
    if (keys !== undefined) this.#written.add(keys.domain);
  }

  #earlier(key: string | undefined, atMs: number): Earlier {
    const before = this.#tries.get(key ?? "");
    if (before === undefined) return "first";
    return { firstSecondsAgo: (atMs - before.firstMs) / 1_000, tries: before.tries };
  }
}
