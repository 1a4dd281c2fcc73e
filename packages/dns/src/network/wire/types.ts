import type { RecordType } from "../../answer/record.ts";

/** What our own probe asks for, beside what mail authentication does. */
export type AskedType = RecordType | "NS";

/** RFC 1035 section 3.2.2, RFC 3596 section 2.1. */
export const TYPE_CODES: Readonly<Record<AskedType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
};

/** The Internet. */
export const CLASS_IN = 1;

export const HEADER_BYTES = 12;

/** A question as it went out. */
export interface Sent {
  readonly id: number;
  /** Canonical; empty: the root. */
  readonly name: string;
  readonly type: AskedType;
}
