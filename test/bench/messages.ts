import { partsOf, signMessage, testKey } from "@postern/mail-auth/testing";
import { type BenchMessage, SENDER } from "./tell-message.ts";

export const SIGNER = "example.com";

/** What a mail list's prose looks like to a canonicaliser: words, double blanks, some at the end of a line. */
const PARAGRAPH = [
  "The filter reads what the mail server  tells it, and answers.  It keeps no  ",
  "message:  what was hashed is forgotten.  A line may end with a blank, and a ",
  "sentence is followed by two of them,  as typists once were taught.",
  "\tIndented lines  begin with a tab.   ",
  "",
].join("\r\n");

/** The text of a message of about `bytes` bytes, unsigned. */
export function proseMessage(bytes: number): string {
  const header = [
    `Received: from client.example.com by ${SENDER.name} with ESMTP id 1;`,
    " Tue, 24 Nov 2026 12:00:00 +0000",
    "From: Ann <ann@example.com>",
    "To: bob@example.org",
    "Subject: Some prose",
    "Date: Tue, 24 Nov 2026 12:00:00 +0000",
    "Message-ID: <1@example.com>",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=us-ascii",
    "Content-Transfer-Encoding: 7bit",
    "X-Mailer: bench",
  ];
  const text = `${header.join("\r\n")}\r\n\r\n`;
  return text + PARAGRAPH.repeat(Math.ceil((bytes - text.length) / PARAGRAPH.length));
}

/** Signed with rsa-2048 and relaxed/relaxed. */
export function signed(text: string, selector: string): BenchMessage {
  const key = testKey("rsa-2048");
  return told(signMessage(text, { domain: SIGNER, selector, key, timestamp: 1_763_985_600 }));
}

export function told(text: string): BenchMessage {
  const { headers, body } = partsOf(text);
  return {
    fields: headers.map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]),
    body: Buffer.concat([...body]),
  };
}
