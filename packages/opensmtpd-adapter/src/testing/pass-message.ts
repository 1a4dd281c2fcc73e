import assert from "node:assert/strict";
import type { Edit } from "@postern/smtp-filter";
import { Dialogue } from "./dialogue.ts";
import { Rig, type RigOptions } from "./rig.ts";

/** One removal, two insertions. */
export const EDITS: readonly Edit[] = [
  { kind: "remove", name: "Authentication-Results", ordinal: 2 },
  { kind: "insert", name: "X-Postern", value: "id=1" },
  { kind: "insert", name: "Authentication-Results", value: "mx.example.org;\n spf=pass" },
];
/** What the insertions are as lines. */
export const TOP: readonly string[] = [
  "Authentication-Results: mx.example.org;",
  " spf=pass",
  "X-Postern: id=1",
];

/** What became of a message. */
export interface Passed {
  readonly rig: Rig;
  readonly back: readonly string[] | undefined;
  readonly commit: string | undefined;
}

/** One message, as lines without dot-stuffing; what came back, and what the port was told. */
export async function pass(
  lines: readonly string[],
  edits: readonly Edit[] = EDITS,
  options: RigOptions = {},
): Promise<Passed> {
  const rig = new Rig({ end: async () => ({ kind: "deliver", edits }) }, options);
  const d = new Dialogue(options.release?.startsWith("6") === true ? "0.6" : "0.7");
  await rig.say(d.greeted(), d.mail(), d.rcpt());
  rig.feed(
    `${d.data(...lines.map((line) => (line.startsWith(".") ? `.${line}` : line))).join("\n")}\n`,
  );
  await rig.quiet();
  await rig.say(d.request("commit"), d.committed());
  assert.deepEqual(rig.smtpd.owed(), []);
  return { rig, back: rig.smtpd.messages[0]?.lines, commit: rig.answers().at(-1) };
}

/** What followed this word in the calls of the port. */
export const told = (rig: Rig, word: string): string[] =>
  rig.calls
    .filter((call) => call.startsWith(`${word} `))
    .map((call) => call.slice(word.length + 1));
