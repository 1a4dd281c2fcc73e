import {
  type Action,
  type Credit,
  type DmarcFact,
  formatPoints,
  type Lookup,
  type Mode,
  type Observation,
  type Stage,
} from "@postern/filter-core";
import {
  type ByteText,
  type IpAddress,
  type Mailbox,
  type MtaName,
  quoteBytes,
  type ReversePath,
} from "@postern/smtp-filter";

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
  /** What the rules saw. */
  readonly observations: readonly Observation[];
  /** What caps took from the sum of the debts, and what a bad reputation added. */
  readonly capped: number;
  readonly raised: number;
  readonly credits: readonly Credit[];
  readonly dmarc: DmarcFact | undefined;
  /** The mail server's name for the message; null: it has not told, or there is none yet. */
  readonly queueId: ByteText | null;
  /** What the message calls itself. */
  readonly messageId: ByteText | null;
  /** The reply, without the decision id; null: 250. */
  readonly result: string | null;
  readonly mode: Mode;
  readonly would: Action | null;
}

/** So many recipients are named; the rest is counted. */
const MAX_RECIPIENTS = 50;
/** Less is not shown, and may be the fault of floating point. */
const LEAST = 0.005;
/** Names that a client or the mail server chose are cut to so many characters. */
const MAX_ID = 128;

/** What a line holds at most: syslog(3) and smtpd cut longer ones, and with them what was decided. */
export const MAX_LINE = 1_024;

/** What a client can make long, in the order in which it is cut; what decides never is. */
const CUT_FIRST = ["to", "message-id", "helo", "from", "rdns", "author", "queue"] as const;

/** So much of each of them stays. */
const LEAST_LEFT = 24;

/**
 * One line of at most 1 KiB, without its end: the shape that docs/log.md describes. No raw byte of the client gets in:
 * names and addresses are quoted byte by byte, replies are printable ASCII by construction.
 */
export function formatLogLine(entry: LogEntry): string {
  const { address, reverseName, helo, from, to, mode, would } = entry;
  const fields = new Map<string, string | undefined>([
    ["address", address ?? undefined],
    ["rdns", reverseName && formatName(reverseName)],
    ["helo", helo === null ? undefined : quoteBytes(helo.slice(0, MAX_LINE))],
    ["from", from === null ? undefined : formatPath(from)],
    ["to", to.length === 0 ? undefined : formatRecipients(to, Number.POSITIVE_INFINITY)],
    ["action", entry.action],
    ["rule", entry.rule ?? "-"],
    ["debt", formatPoints(entry.debt)],
    ["credit", formatPoints(entry.credit)],
    ["result", `"${(entry.result ?? "250").replace(/["\\]/g, quoteBytes)}"`],
    ["rules", formatRules(entry.observations)],
    ["capped", entry.capped > LEAST ? formatPoints(entry.capped) : undefined],
    ["raised", entry.raised > LEAST ? formatPoints(entry.raised) : undefined],
    ["credits", entry.credits.length > 0 ? formatCredits(entry.credits) : undefined],
    ["dmarc", entry.dmarc?.result],
    ["author", entry.dmarc?.domain ?? undefined],
    ["queue", entry.queueId === null ? undefined : quoteBytes(entry.queueId.slice(0, MAX_ID))],
    ["message-id", entry.messageId === null ? undefined : formatMessageId(entry.messageId)],
    ["would", would ?? undefined],
    ["mode", mode === "enforce" ? undefined : mode],
  ]);
  let excess = lineOf(entry, fields).length - MAX_LINE;
  for (const key of CUT_FIRST) {
    const value = fields.get(key);
    if (excess <= 0 || value === undefined) continue;
    const room = Math.max(LEAST_LEFT, value.length - excess);
    const shorter = key === "to" ? formatRecipients(to, room) : cut(value, room);
    fields.set(key, shorter);
    excess -= value.length - shorter.length;
  }
  return lineOf(entry, fields);
}

function lineOf({ id, mta, stage }: LogEntry, fields: ReadonlyMap<string, string | undefined>) {
  const known = [...fields].flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value}`],
  );
  return [id, mta, stage, ...known].join(" ");
}

/** The beginning of a value, with dots where the rest was; brackets stay closed, and no `\xHH` is cut in two. */
export function cut(value: string, length: number): string {
  if (value.length <= length) return value;
  const end = value.endsWith(">") ? "...>" : "...";
  return value.slice(0, Math.max(0, length - end.length)).replace(/\\x?[0-9a-f]?$/, "") + end;
}

/**
 * Every rule that counted, with its debt; a rule that decides by itself has what it decides in its place. The sum, less
 * `capped`, and `raised`, is `debt`.
 */
function formatRules(observations: readonly Observation[]): string {
  const counted = observations.flatMap(({ rule, debt, decides }) => {
    if (decides !== null) return [`${rule}:${decides}`];
    return debt > 0 ? [`${rule}:${formatPoints(debt)}`] : [];
  });
  return counted.join(",") || "-";
}

function formatCredits(credits: readonly Credit[]): string {
  return credits.map(({ source, amount }) => `${source}:${formatPoints(amount)}`).join(",");
}

function formatMessageId(text: ByteText): string {
  const bare = text
    .slice(0, MAX_ID + 2)
    .trim()
    .replace(/^<|>$/g, "");
  return `<${quoteBytes(bare.slice(0, MAX_ID))}>`;
}

/** What a reverse lookup gave. */
export function formatName(name: Lookup<string>): string {
  return name.status === "found" ? quoteBytes(name.value) : `<${name.status}>`;
}

/** A reverse path, or a recipient, in its brackets. */
export function formatPath(from: ReversePath): string {
  return from === "null-sender" ? "<>" : `<${quoteBytes(from.text.slice(0, MAX_LINE))}>`;
}

/** As many recipients as there is room for, and how many more there are. */
function formatRecipients(to: readonly Mailbox[], room: number): string {
  let text = "";
  let named = 0;
  for (const one of to.slice(0, MAX_RECIPIENTS)) {
    const next = `${text === "" ? "" : `${text},`}${formatPath(one)}`;
    if (named > 0 && next.length + `,+${to.length}`.length > room) break;
    text = next;
    named += 1;
  }
  const more = to.length - named;
  return cut(text, room) + (more > 0 ? `,+${more}` : "");
}
