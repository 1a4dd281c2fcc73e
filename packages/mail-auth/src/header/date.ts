import type { ByteText } from "@postern/smtp-filter";
import { withoutComments } from "../from/comments.ts";

const MAX_DATE_BYTES = 200;

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** RFC 5322 section 4.3, in hours; all other letters say nothing of the zone. */
const ZONE_HOURS: ReadonlyMap<string, number> = new Map([
  ["edt", -4],
  ["est", -5],
  ["cdt", -5],
  ["cst", -6],
  ["mdt", -6],
  ["mst", -7],
  ["pdt", -7],
  ["pst", -8],
]);

/** Over blanks that were made one and small letters; nothing in it can match in two ways. */
const DATE_TIME =
  /^(?:(?:mon|tue|wed|thu|fri|sat|sun) ?, ?)?(\d{1,2}) ([a-z]{3}) (\d{2,4}) (\d{2}) ?: ?(\d{2})(?: ?: ?(\d{2}))? ?([+-]\d{4}|[a-ik-z]|ut|[a-z]{3,5})$/;

/**
 * The moment a Date field tells (RFC 5322 sections 3.3 and 4.3), whatever day of the week it claims.
 *
 * @param value what follows the colon, one character for each byte.
 * @returns RFC 3339 in UTC, as of `Date.prototype.toISOString`; undefined for what is not a date.
 */
export function readDate(value: ByteText): string | undefined {
  if (value.length > MAX_DATE_BYTES) return undefined;
  const plain = withoutComments(value)
    ?.toLowerCase()
    .replace(/[ \t\r\n]+/g, " ")
    .replace(/^ | $/g, "");
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] =
    DATE_TIME.exec(plain ?? "") ?? [];
  const offsetMinutes = readZone(zone);
  const midnight = readDay(Number(day), MONTHS.indexOf(month), fullYear(year));
  if (offsetMinutes === undefined || midnight === undefined) return undefined;
  // RFC 5322 section 3.3 allows a leap second.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes;
  const text = new Date(midnight + (minutes * 60 + Number(second)) * 1_000).toISOString();
  // A year with more than four digits is signed.
  return /^\d/.test(text) ? text : undefined;
}

/** RFC 5322 section 4.3: what two and three digits mean. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2 && year < 50) return 2000 + year;
  return digits.length < 4 ? 1900 + year : year;
}

/** The start of a day in UTC, in milliseconds since 1970; RFC 5322 section 3.3 knows no year before 1900. */
function readDay(day: number, month: number, year: number): number | undefined {
  if (month === -1 || year < 1900) return undefined;
  const start = new Date(Date.UTC(year, month, day));
  return start.getUTCMonth() === month && start.getUTCDate() === day ? start.getTime() : undefined;
}

/** Minutes east of Greenwich; 0 where the letters say nothing of it. */
function readZone(zone: string): number | undefined {
  const sign = zone.charAt(0);
  if (sign !== "+" && sign !== "-") return (ZONE_HOURS.get(zone) ?? 0) * 60;
  const minutes = Number(zone.slice(3));
  if (minutes > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + minutes);
}
