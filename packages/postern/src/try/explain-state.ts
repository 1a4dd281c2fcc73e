import type { Config } from "../config/config-types.ts";
import type { StateReport } from "./known-state.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What a verdict rests on beside the DNS: the mode, and what is learned. */
export function restsOn(
  { file }: Pick<Config, "file">,
  state: StateReport,
  nowMs: number,
): readonly string[] {
  return [
    ...(file === null
      ? ["mode enforce: no configuration file was found, and a daemon without one only observes"]
      : []),
    state.isRead
      ? `what was learned: read from ${state.place}${howOld(state, nowMs)}`
      : `what was learned: not read from ${state.place}, judged without: ${state.reason}`,
  ];
}

function howOld({ learningDays, lastWritten }: StateReport, nowMs: number): string {
  return [
    ...(lastWritten === null
      ? []
      : [`, last written ${ago(Math.max(0, nowMs - Date.parse(lastWritten)))}`]),
    ...(learningDays === null
      ? []
      : [`, learning since ${new Date(nowMs - learningDays * DAY_MS).toISOString().slice(0, 10)}`]),
  ].join("");
}

function ago(ms: number): string {
  const units = [
    { name: "day", ms: DAY_MS },
    { name: "hour", ms: HOUR_MS },
    { name: "minute", ms: MINUTE_MS },
  ];
  const unit = units.find((one) => ms >= one.ms);
  if (unit === undefined) return "less than a minute ago";
  const count = Math.floor(ms / unit.ms);
  return `${count} ${unit.name}${count === 1 ? "" : "s"} ago`;
}
