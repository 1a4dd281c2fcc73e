import type { IpAddress } from "@postern/smtp-filter";

/** One MX record (RFC 5321 section 5.1). */
export interface MailExchanger {
  readonly preference: number;
  /** As the names of PTR records; `.` alone is the null MX (RFC 7505). */
  readonly exchange: string;
}

/** What one record of each type is read as. The types are those that mail authentication asks for. */
interface Records {
  readonly A: IpAddress;
  /** A v4-mapped address is read as IPv4. */
  readonly AAAA: IpAddress;
  /** A name without its final dot, *as the remote side wrote it*: any byte may be in it. */
  readonly PTR: string;
  readonly MX: MailExchanger;
  /** The strings of the record joined without blanks (RFC 7208 section 3.3), one character for each byte (latin1). */
  readonly TXT: string;
  /** A name as in PTR records. */
  readonly CNAME: string;
}

export type RecordType = keyof Records;

export const RECORD_TYPES: readonly RecordType[] = ["A", "AAAA", "PTR", "MX", "TXT", "CNAME"];

/** A record of this type. */
export type RecordOf<T extends RecordType> = Records[T];

/** A record of any type. */
export type DnsRecord = RecordOf<RecordType>;

/** The characters of a record, for bounds. */
export function recordSize(record: DnsRecord): number {
  return typeof record === "string" ? record.length : record.exchange.length;
}
