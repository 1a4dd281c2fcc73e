import { Buffer } from "node:buffer";
import { unreachable } from "@postern/smtp-filter";
import { printable, verdictWords } from "./encode-line.ts";
import { unfolded } from "./header-lines.ts";
import type { MessageRequest } from "./message-request.ts";
import type { MessageVerdict } from "./message-verdict.ts";

/** Exim does not take a longer answer safely: it is to be under 8 KB and under 100 lines, always. */
const MAX_ANSWER_BYTES = 8000;
const MAX_ANSWER_LINES = 99;

/** An answer, and the fields that had no room in it. */
export interface EncodedAnswer {
  readonly text: string;
  /** Fields that nobody forged, removed with the others of their name. */
  readonly lost: number;
  /** Our own. */
  readonly unsaid: number;
}

type Accepted = Extract<MessageVerdict, { kind: "accept" }>;

/**
 * The answer at the end of a message: printable ASCII, never too long for Exim. Where not everything has room, first
 * the fields that are put back are left out, then the longest of our own: what a client makes long shall not take the
 * marks of junk away.
 */
export function encodeMessage(
  dialect: MessageRequest["dialect"],
  verdict: MessageVerdict,
): EncodedAnswer {
  const encode = dialect === "spamd" ? encodeSpamd : encodeRspamd;
  if (verdict.kind !== "accept") return { text: encode(verdict), lost: 0, unsaid: 0 };
  const said = sayable(dialect, verdict);
  const lost = verdict.putBack.length - said.putBack.length;
  const whole = encode(said);
  if (fits(whole)) return { text: whole, lost, unsaid: 0 };
  const { removed } = said;
  for (let { added } = said; ; added = withoutLongest(added)) {
    const text = encode({ ...said, removed, added, putBack: [] });
    const unsaid = said.added.length - added.length;
    if (fits(text)) return { text, lost: verdict.putBack.length, unsaid };
    if (added.length === 0) break;
  }
  // Not even the names of what goes have room: then nothing is removed, nor added.
  const text = encode({ ...said, removed: [], added: [], putBack: [] });
  return { text, lost: 0, unsaid: said.added.length };
}

/** Of two that are equally long, the lower goes. */
function withoutLongest(fields: readonly string[]): readonly string[] {
  const longest = Math.max(...fields.map((field) => field.length));
  const victim = fields.findLastIndex((field) => field.length === longest);
  return fields.toSpliced(victim, 1);
}

function fits(text: string): boolean {
  return text.length <= MAX_ANSWER_BYTES && text.split("\n").length <= MAX_ANSWER_LINES;
}

/** In Rspamd's dialect a field stands as it is: one with other bytes than printable ones cannot be put back. */
function sayable(dialect: MessageRequest["dialect"], verdict: Accepted): Accepted {
  if (dialect === "spamd") return verdict;
  return {
    ...verdict,
    putBack: verdict.putBack.map(unfolded).filter((field) => /^[\x20-\x7e]*$/.test(field)),
  };
}

/** SpamAssassin's dialect, as spam.c of Exim (4.96) reads it. */
function encodeSpamd(verdict: MessageVerdict): string {
  const [action, text] = verdictWords(verdict);
  const isJunk = verdict.kind !== "accept" || verdict.isJunk;
  const removed = verdict.kind === "accept" ? verdict.removed : [];
  const fields = verdict.kind === "accept" ? [...verdict.added, ...verdict.putBack] : [];
  const header = Buffer.from(fields.map((field) => `${field}\n`).join(""), "latin1");
  const report = [
    `${isJunk ? "1.0" : "0.0"}/1.0\r\n`,
    `postern: v=1 ${action} d="${removed.join(":")}" h="${header.toString("base64")}" ${text} z=1\r\n`,
  ].join("");
  return `SPAMD/1.1 0 EX_OK\r\nContent-length: ${report.length}\r\n\r\n${report}`;
}

/** Rspamd's dialect, as spam.c of Exim (4.96) reads it, with the lines that Rspamd 4 adds for Exim. */
function encodeRspamd(verdict: MessageVerdict): string {
  const { score, action } = METRICS[metricOf(verdict)];
  const lines = [
    "RSPAMD/1.3 0 EX_OK",
    `Metric: default; ${score >= 6 ? "True" : "False"}; ${score.toFixed(2)} / 6.00 / 10.00`,
    `Action: ${action}`,
  ];
  if (verdict.kind === "accept") {
    const { removed, added, putBack } = verdict;
    lines.push(...removed.map((name) => `X-Milter-Del: ${name}`));
    // Each is put at the very top, so the topmost comes last.
    const bottomUp = [...added, ...putBack].reverse();
    lines.push(...bottomUp.map((field) => `X-Milter-Add: ${printableLine(unfolded(field))}`));
  } else {
    lines.push(`X-Postern-Reply: ${printable(verdict.text)}`);
  }
  return lines.map((line) => `${line}\r\n`).join("");
}

/** The port tells no sum of points: each action has its score. */
const METRICS = {
  accept: { score: 0, action: "no action" },
  junk: { score: 6, action: "add header" },
  tempfail: { score: 0, action: "soft reject" },
  reject: { score: 10, action: "reject" },
} as const;

function metricOf(verdict: MessageVerdict): keyof typeof METRICS {
  switch (verdict.kind) {
    case "accept":
      return verdict.isJunk ? "junk" : "accept";
    case "reply":
    case "close":
      return verdict.text.startsWith("4") ? "tempfail" : "reject";
    default:
      return unreachable(verdict);
  }
}

function printableLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
