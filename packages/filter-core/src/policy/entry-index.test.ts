import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetwork } from "@postern/smtp-filter";
import fc from "fast-check";
import type { Facts } from "../facts/facts.ts";
import { domain, honest, ip, signature } from "../testing/samples.ts";
import { type ClientEntry, findEntry, parseNamePattern, type Selector } from "./client-list.ts";
import { candidates, ENTRIES_A_STEP, indexEntries } from "./entry-index.ts";

const network = (text: string) => parseNetwork(text) ?? assert.fail(text);
const pattern = (text: string) => parseNamePattern(text) ?? assert.fail(text);

const selectors: readonly Selector[] = [
  ...["192.0.2.0/24", "192.0.2.7", "0.0.0.0/0", "198.51.100.0/25", "2001:db8::/32", "::/0"].map(
    (text) => ({ by: "client", network: network(text) }) as const,
  ),
  ...["example.com", "*.example.com", "*.com", "mail.example.com", "other.example"].flatMap(
    (text) =>
      (["senderDomain", "dkimDomain", "reverseName", "helo"] as const).map(
        (by) => ({ by, domain: pattern(text) }) as const,
      ),
  ),
  ...["a@example.com", "A@EXAMPLE.COM", "b@example.org", ""].flatMap((address) => [
    { by: "sender", address } as const,
    { by: "recipient", address } as const,
  ]),
];

const clients: readonly Partial<Facts>[] = [
  {},
  { client: { ...honest.client, address: ip("198.51.100.200") } },
  { client: { ...honest.client, address: ip("2001:db8::1") } },
  { client: { ...honest.client, address: null } },
  { from: "null-sender", helo: null, recipients: [] },
  { from: null, helo: "bad name", reverseName: { status: "none" } },
  { dkim: [signature({ domain: domain("a.b.example.com") }), signature({ domain: null })] },
  { helo: "MAIL.example.com" },
];

const entriesOf = (list: readonly (readonly Selector[])[]): readonly ClientEntry[] =>
  list.map((own, at) => ({ selectors: own, until: null, text: String(at) }));

test("findEntry: a list that is indexed finds what one that is looked through finds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(fc.constantFrom(...selectors), { minLength: 0, maxLength: 3 }), {
        minLength: 32,
        maxLength: 60,
      }),
      fc.constantFrom(...clients),
      (list, change) => {
        const entries = entriesOf(list);
        const facts = { ...honest, ...change };
        const slowly = entries.find((entry) => findEntry([entry], facts) !== undefined);
        assert.equal(findEntry(entries, facts)?.text, slowly?.text);
      },
    ),
    { numRuns: 500 },
  );
});

test("findEntry: of 200,000 entries those with a key of the client's are looked at", () => {
  const list = Array.from({ length: 200_000 }, (_, n): readonly Selector[] => {
    const [a, b, c] = [n >> 16, (n >> 8) & 255, n & 255];
    return [{ by: "client", network: network(`10.${a}.${b}.${c}`) }];
  });
  const entries = entriesOf([...list, [{ by: "client", network: network("192.0.2.0/24") }]]);
  assert.equal(candidates(entries, honest).length, 1);
  assert.equal(findEntry(entries, honest)?.text, "200000");
});

test("indexEntries: a list is taken in by steps of a bounded size, and questions between them are answered", () => {
  const rows = Array.from({ length: 25_500 }, (_, n): readonly Selector[] => [
    { by: "client", network: network(`10.0.${n >> 8}.${n & 255}`) },
  ]);
  const entries = entriesOf([...rows, [{ by: "client", network: network("192.0.2.0/24") }]]);
  const old = entriesOf([[{ by: "client", network: network("192.0.2.0/24") }], ...rows]);
  const steps: number[] = [];
  for (const count of indexEntries(entries)) {
    steps.push(count);
    assert.equal(findEntry(old, honest)?.text, "0");
  }
  assert.deepEqual([steps.length, Math.max(...steps)], [52, ENTRIES_A_STEP]);
  const looks = steps.reduce((sum, count) => sum + count);
  assert.equal(looks, 2 * entries.length);
  assert.deepEqual([...indexEntries(entries)], [], "it is indexed once");
  assert.equal(findEntry(entries, honest)?.text, "25500");
});

test("indexEntries: many entries with one key, asked before the last step", () => {
  const entries = entriesOf(
    Array.from({ length: 3_000 }, () => [{ by: "helo", domain: pattern("other.example") }]),
  );
  const steps = indexEntries(entries);
  steps.next();
  const facts = { ...honest, helo: "OTHER.example" };
  assert.equal(candidates(entries, facts).length, 3_000);
  assert.equal([...steps].length, 5);
  assert.equal(candidates(entries, facts).length, 3_000);
  assert.equal(findEntry(entries, facts)?.text, "0");
});
