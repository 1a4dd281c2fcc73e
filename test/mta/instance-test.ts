import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses, type ProcessEntry } from "./processes.ts";
import type { Step } from "./smtp-steps.ts";

/** With dots to stuff, a byte that is no UTF-8, a long line, and all header fields a mail server might add. */
export const message: Buffer = Buffer.from(
  [
    "Subject: t",
    "From: <a@example.com>",
    "To: <b@example.org>",
    "Date: Tue, 24 Nov 2026 08:00:00 +0000",
    "Message-ID: <1@example.com>",
    ...["", ".dot", "a|b", "\xe9", "long ".repeat(300), "..", ""],
  ].join("\r\n"),
  "latin1",
);

/** One delivery of {@link message}, after MAIL and RCPT. */
export const transaction: readonly Step[] = [
  { kind: "mail", from: "a@example.com" },
  { kind: "rcpt", to: "b@example.org" },
  { kind: "data", message },
];

/** A whole session with one delivery. `before` comes before the greeting is awaited. */
export function session(helo = "client.example.com", ...before: readonly Step[]): readonly Step[] {
  return [
    ...before,
    { kind: "banner" },
    { kind: "ehlo", name: helo },
    ...transaction,
    { kind: "quit" },
  ];
}

/** Gives `action` an empty directory and removes it afterwards. */
export async function withInstance(action: (instanceDir: string) => Promise<void>): Promise<void> {
  const instanceDir = await mkdtemp(join(tmpdir(), "postern-mta-"));
  try {
    await action(instanceDir);
  } finally {
    await rm(instanceDir, { recursive: true, force: true });
  }
}

/** Processes of the test's namespace beside its first one and this test. */
export async function strangers(): Promise<readonly ProcessEntry[]> {
  const processes = await listProcesses();
  return processes.filter(({ pid }) => pid !== 1 && pid !== process.pid);
}
