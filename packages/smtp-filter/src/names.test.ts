import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseMailbox, parseReversePath } from "./names.ts";

const names: Record<string, string | undefined> = {
  "mail.example.com": "mail.example.com",
  "MAIL.Example.COM.": "mail.example.com",
  "bounce_mail.example.com": "bounce_mail.example.com",
  "xn--bcher-kva.example": "xn--bcher-kva.example",
  [`${"a".repeat(63)}.example`]: `${"a".repeat(63)}.example`,
  [`${"a".repeat(64)}.example`]: undefined,
  [`${"abcdefgh.".repeat(28)}example`]: undefined,
  "": undefined,
  ".": undefined,
  "a..b": undefined,
  "-a.example": undefined,
  "a-.example": undefined,
  "a b.example": undefined,
  "a|b.example": undefined,
  "a/b.example": undefined,
  'a".example': undefined,
  "b\u00fccher.example": undefined,
  "a\0.example": undefined,
};
for (const [text, expected] of Object.entries(names)) {
  test(`parseDomain: ${JSON.stringify(text.slice(0, 40))}`, () =>
    assert.equal(parseDomain(text), expected));
}

const mailboxes: { text: string; localPart: string; domain: string | null }[] = [
  { text: "<a@example.com>", localPart: "a", domain: "example.com" },
  { text: "a@example.com", localPart: "a", domain: "example.com" },
  { text: '<"a@b"@example.com>', localPart: '"a@b"', domain: "example.com" },
  { text: '<"a>"@example.com>', localPart: '"a>"', domain: "example.com" },
  { text: "<postmaster>", localPart: "postmaster", domain: null },
  { text: "<a@[192.0.2.1]>", localPart: "a", domain: null },
  { text: "<@relay.example:a@example.com>", localPart: "@relay.example:a", domain: "example.com" },
  { text: "<a|b@bounce_mail.example.com>", localPart: "a|b", domain: "bounce_mail.example.com" },
];
for (const { text, localPart, domain } of mailboxes) {
  test(`parseMailbox: ${text}`, () => {
    const mailbox = parseMailbox(text);
    assert.deepEqual([mailbox.localPart, mailbox.domain], [localPart, domain]);
  });
}

test("parseReversePath: the null sender comes with brackets, or empty from Postfix", () => {
  assert.equal(parseReversePath("<>"), "null-sender");
  assert.equal(parseReversePath(""), "null-sender");
});
