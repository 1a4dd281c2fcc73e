import type { Addressee } from "../wire/encode.ts";
import { isBelow } from "../wire/version.ts";

/** Of a line that is sent, prefix and LF among them; any release since 7.4 takes it. */
const MAX_LINE_BYTES = 65_000;
/** Before 7.4 smtpd cuts what comes back at 2,047 bytes. */
const MAX_LINE_BYTES_BEFORE_7_4 = 1_990;

/** Why a message cannot be let in as it is. */
export type Limit = "storage" | "lines" | "line-length";

/** What commit is answered with then. */
export const LIMIT_REFUSALS: Readonly<Record<Limit, string>> = {
  storage: "452 4.3.1 insufficient system storage, please try again later",
  lines: "552 5.3.4 message has too many lines",
  "line-length": "550 5.6.0 Line too long",
};

/**
 * How long a line of a message may be that is sent back, without prefix and LF. Protocol 0.7 came with 7.4, for an
 * smtpd that does not say its version.
 */
export function maxPayloadBytes(
  { version }: Addressee,
  smtpdVersion: string | null,
  prefixBytes: number,
): number {
  const isOld =
    smtpdVersion !== null && /^\d+\.\d/.test(smtpdVersion)
      ? isBelow(smtpdVersion, 7, 4)
      : isBelow(version, 0, 7);
  return (isOld ? MAX_LINE_BYTES_BEFORE_7_4 : MAX_LINE_BYTES) - prefixBytes - 1;
}
