import { setTimeout as sleep } from "node:timers/promises";
import type { Zone } from "../mta/dns-zone.ts";
import { isListening } from "../mta/processes.ts";
import { converse, formatTranscript, type Transcript } from "../mta/smtp-client.ts";

/** A client of the played mail server. */
export interface Client {
  readonly address: string;
  readonly helo: string;
  readonly from: string;
}

// Not of 192.0.2.0/24: Debian's Sendmail lets nobody in from there.

/** Has all that a mail server needs: PTR, a name that leads back, SPF. */
export const honest: Client = {
  address: "198.51.100.25",
  helo: "mail.example.com",
  from: "ann@example.com",
};

/** Has no PTR, claims the other's name, and its SPF says no. */
export const dishonest: Client = {
  address: "198.51.100.7",
  helo: "mail.example.com",
  from: "a@example.com",
};

/** The DNS of both, and of the mail server itself. */
export const zone: Zone = {
  "25.100.51.198.in-addr.arpa": { PTR: ["mail.example.com"] },
  "mail.example.com": { A: ["198.51.100.25"], TXT: ["v=spf1 a -all"] },
  "example.com": {
    A: ["198.51.100.25"],
    MX: ["10 mail.example.com"],
    TXT: ["v=spf1 ip4:198.51.100.25 -all"],
  },
  "25.100.51.198.score.senderscore.com": { A: ["127.0.4.98"] },
  "1.113.0.203.in-addr.arpa": { PTR: ["mx.example.org"] },
  "mx.example.org": { A: ["203.0.113.1"] },
  "example.org": { MX: ["10 mx.example.org"] },
};

/** What became of one mail. */
export interface Sent {
  /** In its subject. */
  readonly token: string;
  /** The first reply that is not a yes; undefined when the mail was taken. */
  readonly refusal: string | undefined;
  readonly transcript: string;
}

let count = 0;

/** One mail to the ordinary user, by SMTP to port 25. */
export async function send(client: Client, recipient: string): Promise<Sent> {
  // A mail server says that it has started before it listens.
  for (let turn = 0; turn < 200 && !(await isListening(25)); turn += 1) await sleep(100);
  count += 1;
  const token = `token-${count}`;
  const message = [
    `From: <${client.from}>`,
    `To: <${recipient}>`,
    `Subject: ${token}`,
    "Date: Tue, 24 Nov 2026 12:00:00 +0000",
    `Message-ID: <${token}@example.com>`,
    "",
    "A mail.",
    "",
  ].join("\n");
  const transcript = await converse({
    host: "203.0.113.1",
    port: 25,
    localAddress: client.address,
    timeoutMs: 90_000,
    steps: [
      { kind: "banner" },
      { kind: "ehlo", name: client.helo },
      { kind: "mail", from: client.from },
      { kind: "rcpt", to: recipient },
      { kind: "data", message },
      { kind: "quit" },
    ],
  });
  return { token, refusal: refusalIn(transcript), transcript: formatTranscript(transcript) };
}

function refusalIn(transcript: Transcript): string | undefined {
  for (const { reply, end } of transcript) {
    if (reply === undefined) return `(${end ?? "no answer"})`;
    // EHLO's own 5xx would be answered with HELO; nothing here does that.
    if (reply.code >= 400) return reply.lines.join("\n");
  }
  return undefined;
}
