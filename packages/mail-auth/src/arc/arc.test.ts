import assert from "node:assert/strict";
import { test } from "node:test";
import { checkMail, NOW_S } from "../testing/check-mail.ts";
import { sealMessage } from "../testing/mail/seal.ts";
import { testKey } from "../testing/mail/sign.ts";

/*
 * A chain of a sealer whom the site believes, sent again by somebody who once got a mail from him. What RFC 8617 says
 * of it stays `pass`; what it is worth is another question.
 */
const PLAIN = "From: a@example.com\r\nSubject: Minutes\r\n\r\nHi\r\n";
const DAY_S = 86_400;
const dns = { "s._domainkey.lists.example": { TXT: [testKey("ed25519").record] } };

/** @param date of the message, which the seal covers. */
function sealed(timestamp: number | undefined, date?: number): string {
  const dated = date === undefined ? "" : `Date: ${new Date(date * 1000).toUTCString()}\r\n`;
  return sealMessage(dated + PLAIN, {
    ...{ domain: "lists.example", selector: "s", key: testKey("ed25519") },
    authenticationResults: "lists.example; dmarc=pass header.from=example.com",
    ...(timestamp === undefined ? {} : { timestamp }),
  });
}

const fresh = sealed(NOW_S - 60);
const ambiguous = "a field that may stand once stands again, unsigned";

for (const [name, message, doubt] of [
  ["of a minute ago", fresh, undefined],
  ["of nearly a week ago", sealed(NOW_S - 7 * DAY_S + 60), undefined],
  ["of more than a week ago", sealed(NOW_S - 7 * DAY_S - 60), "the seal is older than 7 days"],
  ["of 2001", sealed(1_000_000_000), "the seal is older than 7 days"],
  ["of 2100", sealed(4_102_444_800), "the signature is dated in the future"],
  ["without a date", sealed(undefined), "the seal has no date"],
  ["without a date, over a Date of today", sealed(undefined, NOW_S - 60), undefined],
  [
    "without a date, over a Date of last year",
    sealed(undefined, NOW_S - 365 * DAY_S),
    "the seal is older than 7 days",
  ],
  ["with a Subject on top", `Subject: Pay me\r\n${fresh}`, ambiguous],
  [
    "with a second Content-Type on top",
    `Content-Type: text/html\r\nContent-Type: text/plain\r\n${fresh}`,
    ambiguous,
  ],
  ["with a second From on top", `From: ceo@bank.example\r\n${fresh}`, ambiguous],
] as const) {
  test(`evaluateArc: a chain ${name}: ${doubt ?? "believed"}`, async () => {
    const { arc } = (await checkMail(message, dns)).found;
    assert.deepEqual([arc.result, arc.doubt], ["pass", doubt]);
  });
}
