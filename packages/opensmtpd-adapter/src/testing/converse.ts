import assert from "node:assert/strict";
import { Dialogue } from "./dialogue.ts";
import type { Rig } from "./rig.ts";

/** A message as smtpd sends it, and as it was meant. */
export const LINES: readonly string[] = [
  "Received: x",
  "\tby y",
  "Subject: a",
  "",
  "body",
  "..dot",
  "|",
];
export const PLAIN: readonly string[] = [
  "Received: x",
  "\tby y",
  "Subject: a",
  "",
  "body",
  ".dot",
  "|",
];

/** The answers to a conversation in which nothing is refused. */
export const PROCEEDING: readonly string[] = [
  "connect",
  "ehlo",
  "mail-from",
  "rcpt-to",
  "data",
  "commit",
].map((phase) => `${phase} proceed`);

/** A whole conversation, waiting for `ms` after each line; the answers. */
export async function converse(rig: Rig, ms: number): Promise<string[]> {
  const d = new Dialogue();
  const lines = [d.greeted(), d.mail(), d.rcpt(), d.data(...LINES), d.request("commit")].flat();
  for (const line of lines) {
    await rig.say(line);
    await rig.wait(ms);
  }
  await rig.say(d.committed(), d.report("link-disconnect"));
  assert.deepEqual(rig.smtpd.owed(), []);
  assert.deepEqual(rig.smtpd.messages[0]?.lines, PLAIN);
  assert.deepEqual(rig.translator.load, { sessions: 0, questions: 0, bytes: 0 });
  return rig.answers();
}
