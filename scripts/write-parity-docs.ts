/**
 * Writes docs/parity.md: plays the whole scenario table on every front, then sets down what clients read. `npm run docs`.
 * With --check nothing is played and nothing written: it fails where the page has another table than the code, or a
 * cell that nobody explains.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PlayedCell } from "../test/scenarios/parity.ts";
import type { Front, Scenario } from "../test/scenarios/scenario.ts";
import { table } from "../test/scenarios/table.ts";

const ROOT = new URL("..", import.meta.url).pathname;
const PAGE = join(ROOT, "docs/parity.md");

const FRONTS: Readonly<
  Record<Front, { readonly title: string; readonly tests: readonly string[] }>
> = {
  try: { title: "try", tests: ["try"] },
  milter: { title: "milter", tests: ["milter"] },
  postfix: { title: "Postfix", tests: ["postfix"] },
  sendmail: { title: "Sendmail", tests: ["sendmail"] },
  opensmtpd: { title: "OpenSMTPD", tests: ["opensmtpd", "opensmtpd-fake"] },
  exim: { title: "Exim", tests: ["exim"] },
  eximBh: { title: "exim -bh", tests: ["exim-bh"] },
  notqmail: { title: "notqmail", tests: ["notqmail"] },
};
const fronts = Object.keys(FRONTS) as Front[];

/** What a mail server makes of our words, and how to take it away again. */
const MANNERS: readonly {
  readonly front: Front;
  readonly undo: (reply: string) => string;
  readonly note: string;
}[] = [
  {
    front: "sendmail",
    undo: (reply) => reply.replace(/ <[^>]*>\.\.\. /, " "),
    note: "Sendmail puts the recipient between the codes and our words: `550 5.7.1 <b@example.org>... refused`",
  },
  {
    front: "sendmail",
    undo: (reply) => reply.replace(/^(\d{3}) \d\.0\.0 /, "$1 "),
    note: "Sendmail adds an enhanced code, such as 5.0.0, where the policy has none",
  },
  {
    front: "notqmail",
    undo: (reply) => reply.replace(/^554 /, "550 "),
    note: "qmail says 554 for whatever is refused for good at the end of a message",
  },
];

/** Reasons, in the order of their first cell: each is a note below the table. */
const notes: string[] = [];

if (process.argv.includes("--check")) check();
else write();

function write(): void {
  const played = play();
  writeFileSync(
    PAGE,
    pageOf((scenario, front) => shown(scenario, front, played)),
  );
}

/** The page as it stands has the same rows, the same notes, and no cell that was not played. */
function check(): void {
  const current = readPage();
  const rows = new Map(
    [...current.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)].map(([, id = "", cells = ""]) => [
      id,
      cells.split(" | ").map((cell) => cell.trim()),
    ]),
  );
  const wanted = pageOf(({ id }, front) => rows.get(id)?.[1 + fronts.indexOf(front)] ?? "?");
  if (current !== wanted || / \? /.test(wanted)) {
    process.stderr.write("docs/parity.md is not current: run `npm run docs`\n");
    process.exitCode = 1;
  }
}

function readPage(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch {
    return "";
  }
}

function play(): ReadonlyMap<string, PlayedCell> {
  const folder = mkdtempSync(join(tmpdir(), "postern-parity-"));
  const file = join(folder, "cells.jsonl");
  writeFileSync(file, "");
  const tests = Object.values(FRONTS).flatMap((front) =>
    front.tests.map((name) => `test/scenarios/${name}.test.ts`),
  );
  const argv = ["--conditions=source", "--test", "--test-concurrency=1", ...tests];
  const { status } = spawnSync(process.execPath, argv, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, POSTERN_PARITY_FILE: file },
  });
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error("Cannot write docs/parity.md: a scenario failed");
  const cells = lines.map((line) => JSON.parse(line) as PlayedCell);
  return new Map(cells.map((cell) => [`${cell.front} ${cell.id}`, cell]));
}

/** What a client read, in a word where it is the sentence of the policy. */
function shown(
  { id, cells, expect }: Scenario,
  front: Front,
  played: ReadonlyMap<string, PlayedCell>,
): string {
  const cell = cells[front];
  if (cell.startsWith("n/a: ")) return noteOf(cell.slice("n/a: ".length));
  const seen = played.get(`${front} ${id}`);
  if (seen === undefined) return "?";
  const mark = cell === "fake" && front !== "milter" ? "\\*" : "";
  if (seen.reply === null) return `in${mark}`;
  if (seen.reply === expect.reply) return `${seen.at}${mark}`;
  const manner = MANNERS.find(
    (one) => one.front === front && one.undo(seen.reply ?? "") === expect.reply,
  );
  if (manner === undefined)
    throw new Error(
      `Cannot explain ${front} ${id}: ${seen.reply}, where the policy says ${expect.reply}`,
    );
  return `${seen.at}${mark} ${noteOf(manner.note)}`;
}

function noteOf(reason: string): string {
  if (!notes.includes(reason)) notes.push(reason);
  return `[${notes.indexOf(reason) + 1}]`;
}

function pageOf(cellOf: (scenario: Scenario, front: Front) => string): string {
  const rows = table.map((scenario) => {
    const { id, expect } = scenario;
    const verdict = expect.reply === null ? expect.action : `\`${expect.reply}\``;
    const cells = fronts.map((front) => cellOf(scenario, front));
    return `| \`${id}\` | ${verdict} | ${cells.join(" | ")} |`;
  });
  return [
    "# One policy, the same verdict everywhere",
    "",
    "<!-- Written by `npm run docs` from a run of every scenario in test/scenarios. Do not edit. -->",
    "",
    "Each row is one conversation, with its own DNS and configuration, played on each column. `in` means that the message",
    "was let in, and that the headers of what was delivered were what the row wants; a stage (`rcpt`, `message`) is where",
    "the client read the refusal, in the words of the second column. A number leads to what was different, or why a mail",
    "server cannot play it. A star: a stand-in of ours played the mail server's part. `milter` is our own client of that",
    "protocol, `try` the command, `exim -bh` Exim's own dry run, which delivers nothing.",
    "",
    `| scenario | verdict | ${fronts.map((front) => FRONTS[front].title).join(" | ")} |`,
    `|---|---|${fronts.map(() => "---").join("|")}|`,
    ...rows,
    "",
    "## What the numbers mean",
    "",
    ...(notes.length === 0 ? notesOfPage() : notes.map((note, i) => `${i + 1}. ${note}`)),
    "",
  ].join("\n");
}

/** For a check: the notes as they stand; each reason of the table must be among them. */
function notesOfPage(): readonly string[] {
  const current = readPage();
  const found = [...current.matchAll(/^\d+\. .*$/gm)].map(([line]) => line);
  const texts = found.map((line) => line.replace(/^\d+\. /, ""));
  const reasons = table.flatMap(({ cells }) =>
    fronts.flatMap((front) => (cells[front].startsWith("n/a: ") ? [cells[front].slice(5)] : [])),
  );
  const missing = reasons.filter((reason) => !texts.includes(reason));
  return missing.length === 0 ? found : ["1. ?"];
}
