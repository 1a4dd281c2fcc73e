import {
  addressBytes,
  type Domain,
  type IpAddress,
  networkAround,
  parseDomain,
} from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import type { NamePattern, Selector } from "./client-list.ts";

/** What an index needs of an entry. */
interface Indexed {
  readonly selectors: readonly Selector[];
}

/** Fewer are looked through faster than they are indexed. */
const MIN_INDEXED = 32;

/** How many entries one step of {@link indexEntries} looks at: about 1 ms. */
export const ENTRIES_A_STEP = 1_000;

/** Entries whose keys fall into one bucket, on average. */
const BUCKET_SIZE = 4;

/** By the list itself: a policy holds the same one until the next reload. */
const known = new WeakMap<readonly Indexed[], EntryIndex>();

/**
 * Indexes a list before it is asked. That of a million takes a second, so it is done in steps: the caller lets others
 * work between them.
 *
 * @returns one value a step, the number of entries looked at; each is looked at twice. A list that is asked before the
 *   last step is indexed at once.
 */
export function* indexEntries(entries: readonly Indexed[]): Generator<number, void> {
  if (entries.length < MIN_INDEXED || known.has(entries)) return;
  const index = new EntryIndex(entries);
  yield* inSteps(entries.length, (at) => index.count(at));
  index.makeRoom();
  yield* inSteps(entries.length, (at) => index.place(at));
  known.set(entries, index);
}

function* inSteps(length: number, action: (at: number) => void): Generator<number, void> {
  for (let start = 0; start < length; start += ENTRIES_A_STEP) {
    const end = Math.min(start + ENTRIES_A_STEP, length);
    for (let at = start; at < end; at += 1) action(at);
    yield end - start;
  }
}

/**
 * The entries that may match, in their order: by address and name, so that a list of a million costs no more than its
 * longest row of entries with one key.
 */
export function candidates<Entry extends Indexed>(
  entries: readonly Entry[],
  facts: Facts,
): readonly Entry[] {
  if (entries.length < MIN_INDEXED) return entries;
  for (const _ of indexEntries(entries));
  const positions = known.get(entries)?.positions(facts) ?? [];
  return positions.flatMap((at) => entries[at] ?? []);
}

/**
 * Positions of entries by the key of one of their selectors: all must hold, so one that does not is enough. In arrays of
 * numbers, bucket behind bucket: 9 bytes an entry, and nothing that a garbage collector has to visit.
 */
class EntryIndex {
  readonly #entries: readonly Indexed[];
  /** The hash of each entry's key. */
  readonly #hashes: Uint32Array;
  readonly #positions: Uint32Array;
  /** Where in #positions each bucket ends; the one before it ends where it starts. */
  readonly #ends: Uint32Array;
  /** The lengths of networks that there are, IPv4 and IPv6. */
  readonly #lengths: Readonly<Record<4 | 16, Set<number>>> = { 4: new Set(), 16: new Set() };

  constructor(entries: readonly Indexed[]) {
    this.#entries = entries;
    this.#hashes = new Uint32Array(entries.length);
    this.#positions = new Uint32Array(entries.length);
    this.#ends = new Uint32Array(Math.ceil(entries.length / BUCKET_SIZE));
  }

  /** First: each entry is counted in its bucket. */
  count(at: number): void {
    const selector = this.#entries[at]?.selectors[0];
    if (selector?.by === "client") {
      const { bytes, prefixLength } = selector.network;
      this.#lengths[bytes.length === 4 ? 4 : 16].add(prefixLength);
    }
    const hash = hashOf(selector === undefined ? EVERYBODY : keyOf(selector));
    this.#hashes[at] = hash;
    this.#ends[hash % this.#ends.length] = this.#countOf(hash) + 1;
  }

  /** Second: each bucket ends, for now, where it will start. */
  makeRoom(): void {
    let start = 0;
    for (const [bucket, count] of this.#ends.entries()) {
      this.#ends[bucket] = start;
      start += count;
    }
  }

  /** Third: each entry goes to the end of its bucket. */
  place(at: number): void {
    const hash = this.#hashes[at] ?? 0;
    const end = this.#countOf(hash);
    this.#positions[end] = at;
    this.#ends[hash % this.#ends.length] = end + 1;
  }

  positions(facts: Facts): readonly number[] {
    const keys = [EVERYBODY, ...this.#clientKeys(facts.client.address), ...wordKeys(facts)];
    const hashes = new Set(keys.map(hashOf));
    return [...hashes].flatMap((hash) => this.#withHash(hash)).sort((a, b) => a - b);
  }

  #withHash(hash: number): readonly number[] {
    const bucket = hash % this.#ends.length;
    const start = bucket === 0 ? 0 : this.#ends[bucket - 1];
    const row = this.#positions.subarray(start, this.#ends[bucket]);
    return [...row].filter((at) => this.#hashes[at] === hash);
  }

  #countOf(hash: number): number {
    return this.#ends[hash % this.#ends.length] ?? 0;
  }

  #clientKeys(address: IpAddress | null): readonly string[] {
    if (address === null) return [];
    const lengths = this.#lengths[addressBytes(address).length === 4 ? 4 : 16];
    return [...lengths].map((length) => networkKey(networkAround(address, length)));
  }
}

/** FNV-1a. Two keys with one hash cost a comparison: whether an entry matches, its selectors say. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const EVERYBODY = "everybody";

function keyOf(selector: Selector): string {
  if (selector.by === "client") return networkKey(selector.network);
  if ("address" in selector) return addressKey(selector.by, selector.address);
  return patternKey(selector.by, selector.domain);
}

/** The keys under which what the facts name may stand. */
function wordKeys({ from, helo, recipients, reverseName, dkim = [] }: Facts): readonly string[] {
  const sender = from === null || from === "null-sender" ? undefined : from;
  return [
    ...(from === null ? [] : [addressKey("sender", sender?.text ?? "")]),
    ...recipients.map(({ text }) => addressKey("recipient", text)),
    ...nameKeys("senderDomain", sender?.domain ?? undefined),
    ...nameKeys("helo", helo === null ? undefined : parseDomain(helo)),
    ...nameKeys("reverseName", reverseName?.status === "found" ? reverseName.value : undefined),
    ...dkim.flatMap(({ domain }) => nameKeys("dkimDomain", domain ?? undefined)),
  ];
}

/** A name, and each name above it for `*.` entries. */
function nameKeys(by: NamedBy, name: Domain | undefined): readonly string[] {
  if (name === undefined) return [];
  const keys = [`${by} ${name}`];
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1))
    keys.push(`${by} *.${name.slice(dot + 1)}`);
  return keys;
}

type NamedBy = Extract<Selector, { readonly domain: NamePattern }>["by"];

function patternKey(by: NamedBy, { name, scope }: NamePattern): string {
  return scope === "below" ? `${by} *.${name}` : `${by} ${name}`;
}

function addressKey(by: "sender" | "recipient", text: string): string {
  return `${by} ${text.toLowerCase()}`;
}

function networkKey({ bytes, prefixLength }: { bytes: readonly number[]; prefixLength: number }) {
  return `client ${bytes.join(".")}/${prefixLength}`;
}
