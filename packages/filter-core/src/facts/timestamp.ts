/** RFC 3339 section 5.6, in UTC only; years beyond 9999 as ISO 8601 expands them. */
const SHAPE =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]00:00)$/;

/** Seconds from 1970 to a point in time, fractions cut off; undefined where the text is none in UTC. */
export function secondsOf(timestamp: string): number | undefined {
  const read = SHAPE.exec(timestamp);
  if (read === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = read
    .slice(1)
    .map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return ((daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

/** In the Gregorian calendar. The year is taken to begin in March: then the leap day is its last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const monthsSinceMarch = (month + 9) % 12;
  const daysBeforeMonth = Math.floor((153 * monthsSinceMarch + 2) / 5);
  return years * 365 + leapDays + daysBeforeMonth + day - 1 - 719_468;
}
