/** The record types that mail authentication asks for. */
export const RECORD_TYPES = ["A", "AAAA", "PTR", "MX", "TXT", "CNAME"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** Why a question got no usable answer. Never evidence against a client. */
export type DnsFault =
  | "timeout"
  | "servfail"
  | "refused"
  | "bad answer"
  /** The resolver's host or port cannot be reached. */
  | "unreachable"
  | "network error"
  /** We have too many questions of our own under way. */
  | "too many questions"
  /** The breaker is open: not asked at all. */
  | "resolver down"
  /** Who asked has gone, or began another mail. */
  | "cancelled"
  /** We are shutting down. */
  | "closed";

/**
 * How a question ends, with closed sets of words. `found` holds at least one record, as text:
 *
 * - A, AAAA: the address as RFC 5952 writes it
 * - MX: `10 mail.example.com`; the null MX of RFC 7505 is `0 .`
 * - PTR, CNAME: the name without its final dot, *as the remote side wrote it*: any byte may be in it
 * - TXT: the strings of one record joined without blanks, one character for each byte (latin1)
 */
export type DnsAnswer =
  | { readonly status: "found"; readonly value: readonly string[] }
  /** `nxdomain`: there is no such name. `nodata`: the name has no record of this type (RFC 2308 section 2). */
  | { readonly status: "none"; readonly reason: "nxdomain" | "nodata" }
  | { readonly status: "temperror"; readonly detail: DnsFault };

/** The port through which everything here asks the DNS. */
export interface Resolver {
  /**
   * Never rejects. A name that no question can carry (an empty or too long label, more than 253 octets)
   * does not exist.
   *
   * @param name with or without final dot, in any case, one character for each byte.
   */
  ask(name: string, type: RecordType): Promise<DnsAnswer>;
}

/** On whose account questions are asked. */
export interface Asker {
  /** The network of the client; left out: our own account. */
  readonly network?: string;
  /** Aborts when nobody waits for the answers any more: questions under way then end as `cancelled`. */
  readonly signal?: AbortSignal;
}

const MAX_NAME_OCTETS = 253;
const MAX_LABEL_OCTETS = 63;

/**
 * The one spelling of a DNS name that answers are kept under: lower case, no final dot (RFC 4343 section 3).
 *
 * @returns undefined for the root and for what is not a DNS name (RFC 1035 section 2.3.4).
 */
export function canonicalName(text: string): string | undefined {
  const name = (text.endsWith(".") ? text.slice(0, -1) : text).replace(/[A-Z]+/g, (letters) =>
    letters.toLowerCase(),
  );
  if (name.length > MAX_NAME_OCTETS) return undefined;
  const labels = name.split(".");
  return labels.every((label) => label.length > 0 && label.length <= MAX_LABEL_OCTETS)
    ? name
    : undefined;
}

/** An outcome in which we could not look. */
export function fault(detail: DnsFault): DnsAnswer {
  return { status: "temperror", detail };
}

/** `found`, or `nodata` when there are no records. */
export function found(records: readonly string[]): DnsAnswer {
  return records.length === 0
    ? { status: "none", reason: "nodata" }
    : { status: "found", value: records };
}
