import type { NamePattern, Selector } from "./client-list.ts";
import type { Facts } from "./facts.ts";
import { addressBytes, type IpAddress, networkAround } from "./ip-address.ts";
import { type Domain, parseDomain } from "./names.ts";

/** What an index needs of an entry. */
interface Indexed {
  readonly selectors: readonly Selector[];
}

/** Fewer are looked through faster than they are indexed. */
const MIN_INDEXED = 32;

/** By the list itself: a policy holds the same one until the next reload. */
const known = new WeakMap<readonly Indexed[], EntryIndex>();

/**
 * The entries that may match, in their order: by address and name, so that a list of a million costs no more than its
 * longest row of entries with one key.
 */
export function candidates<Entry extends Indexed>(
  entries: readonly Entry[],
  facts: Facts,
): readonly Entry[] {
  if (entries.length < MIN_INDEXED) return entries;
  const index = known.get(entries) ?? new EntryIndex(entries);
  known.set(entries, index);
  return index.positions(facts).flatMap((at) => entries[at] ?? []);
}

/** Positions of entries by the key of one of their selectors: all must hold, so one that does not is enough. */
class EntryIndex {
  readonly #positions = new Map<string, number[]>();
  /** The lengths of networks that there are, IPv4 and IPv6. */
  readonly #lengths: Readonly<Record<4 | 16, Set<number>>> = { 4: new Set(), 16: new Set() };

  constructor(entries: readonly Indexed[]) {
    entries.forEach(({ selectors: [selector] }, at) => {
      if (selector === undefined) {
        this.#add(EVERYBODY, at);
        return;
      }
      if (selector.by === "client") {
        const { bytes, prefixLength } = selector.network;
        this.#lengths[bytes.length === 4 ? 4 : 16].add(prefixLength);
      }
      this.#add(keyOf(selector), at);
    });
  }

  positions(facts: Facts): readonly number[] {
    const keys = new Set([
      EVERYBODY,
      ...this.#clientKeys(facts.client.address),
      ...wordKeys(facts),
    ]);
    return [...keys].flatMap((key) => this.#positions.get(key) ?? []).sort((a, b) => a - b);
  }

  #add(key: string, at: number): void {
    const row = this.#positions.get(key);
    if (row === undefined) this.#positions.set(key, [at]);
    else row.push(at);
  }

  #clientKeys(address: IpAddress | null): readonly string[] {
    if (address === null) return [];
    const lengths = this.#lengths[addressBytes(address).length === 4 ? 4 : 16];
    return [...lengths].map((length) => networkKey(networkAround(address, length)));
  }
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
