import {
  type Action,
  formatPoints,
  type IpAddress,
  type Lookup,
  type Mailbox,
  type Mode,
  type MtaName,
  quoteBytes,
  type ReversePath,
  type Stage,
} from "@postern/filter-core";

/** One decision, as it is logged. What was not known is left out. */
export interface LogEntry {
  readonly id: string;
  readonly mta: MtaName;
  /** Where the client was told. */
  readonly stage: Stage;
  readonly address: IpAddress | null;
  readonly reverseName: Lookup<string> | undefined;
  readonly helo: string | null;
  readonly from: ReversePath | null;
  readonly to: readonly Mailbox[];
  readonly action: Action;
  readonly rule: string | null;
  readonly debt: number;
  readonly credit: number;
  /** The reply; null: 250. */
  readonly result: string | null;
  readonly mode: Mode;
  readonly would: Action | null;
}

/** So many recipients are named; the rest is counted. */
const MAX_RECIPIENTS = 50;

/**
 * One line, without its end: the shape of DESIGN.md section 4. No raw byte of the client gets in:
 * names and addresses are quoted byte by byte, replies are printable ASCII by construction.
 */
export function formatLogLine(entry: LogEntry): string {
  const { address, reverseName, helo, from, to, mode, would } = entry;
  const fields: (readonly [key: string, value: string | undefined])[] = [
    ["address", address ?? undefined],
    ["rdns", reverseName && formatName(reverseName)],
    ["helo", helo === null ? undefined : quoteBytes(helo)],
    ["from", from === null ? undefined : formatPath(from)],
    ["to", to.length === 0 ? undefined : formatRecipients(to)],
    ["action", entry.action],
    ["rule", entry.rule ?? "-"],
    ["debt", formatPoints(entry.debt)],
    ["credit", formatPoints(entry.credit)],
    ["result", `"${(entry.result ?? "250").replace(/["\\]/g, quoteBytes)}"`],
    ["would", would ?? undefined],
    ["mode", mode === "enforce" ? undefined : mode],
  ];
  const known = fields.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
  return [entry.id, entry.mta, entry.stage, ...known].join(" ");
}

function formatName(name: Lookup<string>): string {
  return name.status === "found" ? quoteBytes(name.value) : `<${name.status}>`;
}

function formatPath(from: ReversePath): string {
  return from === "null-sender" ? "<>" : `<${quoteBytes(from.text)}>`;
}

function formatRecipients(to: readonly Mailbox[]): string {
  const named = to.slice(0, MAX_RECIPIENTS).map(formatPath);
  const more = to.length - named.length;
  return [...named, ...(more > 0 ? [`+${more}`] : [])].join(",");
}
