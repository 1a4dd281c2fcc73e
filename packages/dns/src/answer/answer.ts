import type { DnsRecord } from "./record.ts";

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

/** How a question ends. `found` holds at least one record. */
export type DnsAnswer<R = DnsRecord> =
  | { readonly status: "found"; readonly value: readonly R[] }
  /** `nxdomain`: there is no such name. `nodata`: the name has no record of this type (RFC 2308 section 2). */
  | { readonly status: "none"; readonly reason: "nxdomain" | "nodata" }
  | { readonly status: "temperror"; readonly detail: DnsFault };

/** An outcome in which we could not look. */
export function fault<R = DnsRecord>(detail: DnsFault): DnsAnswer<R> {
  return { status: "temperror", detail };
}

/** `found`, or `nodata` when there are no records. */
export function found<R>(records: readonly R[]): DnsAnswer<R> {
  return records.length === 0
    ? { status: "none", reason: "nodata" }
    : { status: "found", value: records };
}
