import type { Facts } from "@postern/filter-core";
import { type MtaName, quoteBytes } from "@postern/smtp-filter";
import type { Counted } from "./line-budget.ts";
import { cut, formatLogLine, formatName, formatPath, type LogEntry, MAX_LINE } from "./log-line.ts";

/** Refusals of one session that have no line of their own, as they are logged. */
export interface CountEntry extends Counted, Pick<Facts, "helo" | "from"> {
  readonly mta: MtaName;
  readonly stage: "session";
  readonly address: Facts["client"]["address"];
  readonly reverseName: Facts["reverseName"] | undefined;
}

/** What a client, or its DNS, can make long is cut to so much. */
const MAX_VALUE = 200;

/** One line of at most 1 KiB, without its end. */
export function formatEntry(entry: LogEntry | CountEntry): string {
  return entry.stage === "session" ? formatCountLine(entry) : formatLogLine(entry);
}

/** In the shape of a decision, but without `action=`: nothing that counts decisions takes it for one. */
export function formatCountLine(entry: CountEntry): string {
  const { id, mta, stage, address, reverseName, helo, from, refused } = entry;
  const known = [
    ["address", address ?? undefined],
    ["rdns", reverseName && formatName(reverseName)],
    ["helo", helo === null ? undefined : quoteBytes(helo.slice(0, MAX_VALUE))],
    ["from", from === null ? undefined : formatPath(from)],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${cut(value, MAX_VALUE)}`]));
  const begin = `${[id, mta, stage, ...known].join(" ")} refused=${refused} refusals=`;
  return begin + formatRefusals(entry, MAX_LINE - begin.length);
}

/** As many as there is room for, the most frequent first, and how many more there are. */
function formatRefusals({ refusals }: CountEntry, room: number): string {
  let text = "";
  for (const [index, { action, rule, times }] of refusals.entries()) {
    const next = `${text}${index === 0 ? "" : ","}${action}:${rule ?? "-"}:${times}`;
    const more = refusals.length - index - 1;
    if (next.length + (more > 0 ? `,+${more}`.length : 0) > room)
      return `${text},+${refusals.length - index}`;
    text = next;
  }
  return text;
}
