import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMailbox } from "@postern/smtp-filter";
import { dmarc, domain, honest } from "../testing/samples.ts";
import { keysOfAuthor, keysOfRecipient } from "./correspondents.ts";

test("keysOfRecipient: what a user wrote to is found again when it answers", () => {
  const answer = { ...honest, from: parseMailbox("<A@Example.com>") };
  assert.deepEqual(keysOfAuthor(answer), keysOfRecipient(parseMailbox("a@example.com")));
  assert.deepEqual(keysOfAuthor(answer), {
    address: "wrote:a@example.com",
    domain: "wrote:@example.com",
  });
});

test("keysOfRecipient: nobody without a domain", () =>
  assert.equal(keysOfRecipient(parseMailbox("postmaster")), undefined));

test("keysOfAuthor: an author who has not proved himself is nobody", () => {
  assert.equal(keysOfAuthor({ ...honest, dmarc: dmarc("fail", "none") }), undefined);
  assert.equal(keysOfAuthor({ ...honest, dmarc: dmarc("temperror", null) }), undefined);
});

test("keysOfAuthor: a sender of another domain is not the author, so only the domain counts", () => {
  const through = { text: "b@esp.example", localPart: "b", domain: domain("esp.example") };
  const expected = { address: null, domain: "wrote:@example.com" };
  assert.deepEqual(keysOfAuthor({ ...honest, from: through }), expected);
  assert.deepEqual(keysOfAuthor({ ...honest, from: "null-sender" }), expected);
});
