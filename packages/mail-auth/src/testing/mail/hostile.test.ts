import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { bytesOf, hostileMessages, hostileRecord, type MailParts } from "./hostile.ts";
import { bodyHash } from "./sign.ts";

/* That the generators make what they say; and, by mailauth, that what shall look signed is signed. */

const { dkimVerify } = createRequire(import.meta.url)("mailauth/lib/dkim/verify");
const algorithm = "rsa-sha256";
const canonicalization = "relaxed/relaxed";

function made(id: string): MailParts {
  const found = hostileMessages.find((message) => message.id === id);
  if (found === undefined) throw new RangeError(`Cannot find ${id}`);
  return found.make();
}

function valuesOf({ headers }: MailParts, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.flatMap(([one, value]) => (one.trimEnd().toLowerCase() === wanted ? [value] : []));
}

const first = (id: string, name: string): string => valuesOf(made(id), name)[0] ?? "";
const tag = (value: string, name: string): string =>
  new RegExp(`[;\\s]${name}=([^;]*)`).exec(value)?.[1] ?? "";
const times = (text: string, part: string): number => text.split(part).length - 1;
const bodyOf = ({ body }: MailParts): Buffer => Buffer.concat([...body]);

test("hostileMessages: each id once, each with a description", () => {
  assert.equal(new Set(hostileMessages.map(({ id }) => id)).size, hostileMessages.length);
  for (const { id, description } of hostileMessages) {
    assert.match(id, /^[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.match(description, /^[ -~]+$/, id);
  }
});

test("hostileMessages: bodies can be walked through again", () => {
  const parts = made("length.appended");
  assert.deepEqual(bodyOf(parts), bodyOf(parts));
});

const numbers: Readonly<Record<string, readonly [actual: () => number, expected: number]>> = {
  folds: [() => times(first("bulk.folds", "X-Folds"), "\r\n "), 25_600],
  "colons in From": [() => times(first("bulk.from-colons", "From"), ":"), 60_000],
  "groups in From": [() => times(first("bulk.from-groups", "From"), "g:;"), 20_000],
  "nested groups": [() => times(first("bulk.from-nested-groups", "From"), "g:"), 20_000],
  "comments in From": [() => times(first("bulk.from-comments", "From"), "("), 60_000],
  "encoded words": [() => times(first("bulk.from-encoded-words", "From"), "=?utf-8"), 10_000],
  "List-Unsubscribe": [() => first("bulk.unsubscribe", "List-Unsubscribe").length, 100_000],
  "Content-Type": [() => first("bulk.content-type", "Content-Type").length, 65_536],
  parameters: [() => times(first("bulk.content-type", "Content-Type"), ";"), 10_000],
  "fields for h=": [() => made("bulk.names-times-fields").headers.length, 2_000],
  "names in h=": [
    () => times(tag(first("bulk.names-times-fields", "DKIM-Signature"), "h"), "X-"),
    30_000,
  ],
  signatures: [
    () =>
      new Set(
        valuesOf(made("signature.10000-domains"), "DKIM-Signature").map((one) => tag(one, "d")),
      ).size,
    10_000,
  ],
  lengths: [
    () =>
      new Set(valuesOf(made("signature.400-lengths"), "DKIM-Signature").map((one) => tag(one, "l")))
        .size,
    400,
  ],
  "body for lengths": [() => bodyOf(made("signature.400-lengths")).length, 1_000_000],
  "b=": [() => tag(first("signature.long-b", "DKIM-Signature"), "b").length, 65_536],
  "folds of b=": [() => times(first("signature.long-b-folded", "DKIM-Signature"), "\r\n"), 16_384],
  tags: [() => times(first("signature.60000-tags", "DKIM-Signature"), ";") - 7, 60_000],
  blanks: [
    () => / {1000,}/.exec(first("signature.60000-blanks", "DKIM-Signature"))?.[0].length ?? 0,
    60_001,
  ],
  "seals of 50": [() => valuesOf(made("arc.50-sets"), "ARC-Seal").length, 50],
  "seals of 51": [() => valuesOf(made("arc.51-sets"), "ARC-Seal").length, 51],
  "ARC fields": [
    () => made("arc.2000-fields").headers.filter(([name]) => name.startsWith("ARC-")).length,
    2_000,
  ],
  "forged results": [
    () =>
      valuesOf(made("results.1000-forged"), "Authentication-Results").filter(
        (value) => !value.includes("elsewhere"),
      ).length,
    1_000,
  ],
  "other results": [
    () => times(JSON.stringify(made("results.1000-forged").headers), "elsewhere"),
    100,
  ],
};
for (const [name, [actual, expected]] of Object.entries(numbers)) {
  test(`hostileMessages: ${name}`, () => assert.equal(actual(), expected));
}

for (const { id, unit, hasHash } of [
  { id: "bulk.long-line", unit: "word  ", hasHash: true },
  { id: "bulk.blank-line", unit: " \t", hasHash: true },
  // The test's own signer would need a gigabyte for so many lines.
  { id: "bulk.empty-lines", unit: "\r\n", hasHash: false },
  { id: "bulk.blank-lines", unit: " \r\n", hasHash: false },
  { id: "bulk.carriage-returns", unit: "\r", hasHash: true },
  { id: "bulk.line-feeds", unit: "\n", hasHash: true },
]) {
  test(`hostileMessages: ${id} is 25 MB in chunks of a milter`, () => {
    const parts = made(id);
    for (const chunk of parts.body) assert.ok(chunk.length > 0 && chunk.length <= 65_535);
    const body = bodyOf(parts);
    assert.equal(body.length, 25_000_000);
    assert.ok(body.equals(Buffer.alloc(body.length, unit)));
    if (!hasHash) return;
    const [value = ""] = valuesOf(parts, "DKIM-Signature");
    const hash = bodyHash(body.toString("latin1"), { algorithm, canonicalization });
    assert.equal(tag(value, "bh"), hash);
  });
}

test("hostileMessages: mailauth, which does not doubt, believes signatures that shall look good", async () => {
  const looksGood = /^(from|twice)\.|^length\.(zero|appended)|^line-end\.lf/;
  const looksBad = /^twice\..*-bottom$|^from\.(none|sender-alone|resent-alone)$/;
  for (const { id, make } of hostileMessages) {
    if (looksGood.test(id)) assert.equal(await passes(make()), !looksBad.test(id), id);
  }
});

async function passes(parts: MailParts): Promise<boolean> {
  const resolver = async (name: string): Promise<string[][]> => [[hostileRecord(name) ?? ""]];
  const { results } = await dkimVerify(Buffer.from(bytesOf(parts)), { resolver, strict: false });
  return results.some(({ status }: { status: { result: string } }) => status.result === "pass");
}
