import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "./config-error.ts";
import type { List } from "./list-schema.ts";
import { assertRefused, type Broken } from "./testing/refused.ts";
import { withConfig } from "./testing/with-config.ts";

const KEY = "abcdefghij0123456789klmnop";

async function read(keys: string): Promise<List> {
  const found: List[] = [];
  await withConfig(`lists: [{ operator: someone, codes: {}, ${keys} }]`, ({ lists }) => {
    found.push(...lists);
  });
  const [list] = found;
  assert.ok(list);
  return list;
}

const pages: readonly [zone: string, page: string | null][] = [
  ["zen.spamhaus.org", "https://check.spamhaus.org/query/ip/{ip}"],
  ["sbl-xbl.spamhaus.org", "https://check.spamhaus.org/query/ip/{ip}"],
  ["zen.dq.spamhaus.net", "https://check.spamhaus.org/query/ip/{ip}"],
  ["bl.spamcop.net", "https://www.spamcop.net/bl.shtml?{ip}"],
  ["psbl.surriel.com", "https://psbl.org/listing?ip={ip}"],
  ["b.barracudacentral.org", "https://www.barracudacentral.org/lookups/lookup-reputation?ip={ip}"],
  ["bl.mailspike.net", "https://mailspike.org/"],
  ["list.dnswl.org", "https://www.dnswl.org/s/?s={ip}"],
  ["list.example", null],
];
for (const [zone, page] of pages) {
  test(`lists: the page of ${zone}`, async () =>
    assert.equal((await read(`zone: ${zone}`)).url, page));
}

test("lists: a page of one's own goes before the one we know", async () => {
  const { url } = await read('zone: zen.spamhaus.org, url: "https://check.example:8443/?q={ip}"');
  assert.equal(url, "https://check.example:8443/?q={ip}");
});

test("lists: without a key the zone is asked", async () => {
  const { zone, query, keyFrom } = await read("zone: zen.spamhaus.org");
  assert.deepEqual([zone, query, keyFrom], ["zen.spamhaus.org", "zen.spamhaus.org", null]);
});

test("lists: a key stands before the zone that is asked, and the shown one is without it", async () => {
  const { zone, query, keyFrom, url } = await read("zone: zen.dq.spamhaus.net, key: Ab-1_2");
  assert.deepEqual(
    [zone, query, keyFrom, url],
    ["zen.dq.spamhaus.net", "ab-1_2.zen.dq.spamhaus.net", "key", pages[0]?.[1]],
  );
});

test("lists: a first label that looks like a key is one", async () => {
  const { zone, query, keyFrom } = await read(`zone: ${KEY.toUpperCase()}.zen.dq.spamhaus.net`);
  assert.deepEqual(
    [zone, query, keyFrom],
    ["zen.dq.spamhaus.net", `${KEY}.zen.dq.spamhaus.net`, "zone"],
  );
});

for (const zone of ["averylongwordwithoutdigits.example.org", "a1b2.example.org", `${KEY}.org`]) {
  test(`lists: ${zone} has no key in it`, async () =>
    assert.equal((await read(`zone: ${zone}`)).zone, zone));
}

const at = (keys: string) => `lists: [{ operator: a, codes: {}, ${keys} }]`;
const broken: readonly Broken[] = [
  [at('zone: "a b"'), "1:41", "lists[0].zone: must be a domain name such as zen.spamhaus.org"],
  [at("key: a"), "1:9", "lists[0].zone: is missing"],
  [at("zone: a.example, key: 7"), "1:57", "lists[0].key: must be text: put it in quotes"],
  [
    at('zone: a.example, key: "a.b"'),
    "1:57",
    "lists[0].key: must be an access key: at most 63 letters,",
  ],
  [at("zone: a.example, key:"), "1:57", "lists[0].key: has no value: add one, or remove the key"],
  [
    at(`zone: a.example, key: ${"a".repeat(64)}`),
    "1:57",
    "lists[0].key: must be an access key: at most 63 letters,",
  ],
  [at(`zone: ${KEY}.a.example, key: b`), "1:84", "lists[0].key: is given twice"],
  [
    at(`zone: a.example, key: ${KEY}, url: "https://a.example/${KEY}"`),
    "1:90",
    "lists[0].url: contains the access key, but clients see this",
  ],
  [
    at('zone: a.example, url: "http://a.example/"'),
    "1:57",
    "lists[0].url: must be an https URL such as",
  ],
  [
    at('zone: a.example, url: "https://a b/"'),
    "1:57",
    "lists[0].url: must be an https URL such as",
  ],
  [
    at('zone: a.example, url: "https://u@a/"'),
    "1:57",
    "lists[0].url: must be an https URL such as",
  ],
  [
    at('zone: a.example, url: "https:///{ip}"'),
    "1:57",
    "lists[0].url: must be an https URL such as",
  ],
  [
    at('zone: a.example, url: "https://a/{id}"'),
    "1:57",
    'lists[0].url: "https://a/{id}" has a variable other than {ip}',
  ],
  [
    at(`zone: a.example, url: "https://a/${"x".repeat(200)}"`),
    "1:57",
    'lists[0].url: "https://a/xxx',
  ],
  ["lists: zen.spamhaus.org", "1:8", "lists: must be a list, such as [a, b]"],
  [
    "lists: [zen.spamhaus.org]",
    "1:9",
    "lists[0]: must be a map, such as { zone: zen.spamhaus.org,",
  ],
];
for (const row of broken) {
  test(`lists: refuses ${JSON.stringify(row[0]).slice(0, 120)}`, () => assertRefused(row));
}

const mistakes = [
  at(`zone: "${KEY} x"`),
  at(`zone: a.example, key: "${KEY} x"`),
  at(`zone: a.example, key: [${KEY}]`),
  at(`zone: a.example, key: { ${KEY}: 1 }`),
  at("zone: a.example, key: 12345678901234567890").replaceAll("12345678901234567890", "1234567890"),
  at(`zone: ${KEY}.zen.dq.spamhaus.net, key: ${KEY}`),
  at(`zone: ${KEY}.zen.dq.spamhaus.net, url: "https://a.example/${KEY}"`),
  at(`zone: a.example, key:${KEY}`),
  at(`zone:${KEY}.a.example`),
  at(`zone: a.example, key: "${KEY}" ${KEY}`),
  `lists:\n  - zone: a.example\n    key:${KEY}\n    codes: {}`,
  `lists:\n  - zone: a.example\n    key: "${KEY}\n    codes: {}`,
  `lists:\n  - zone: a.example\n    key: ${KEY}: 1`,
  `lists: [${KEY}.zen.dq.spamhaus.net]`,
  `lists: ${KEY}.zen.dq.spamhaus.net`,
];
for (const yaml of mistakes) {
  test(`lists: no complaint shows the key: ${JSON.stringify(yaml)}`, () =>
    assert.rejects(
      withConfig(yaml, () => {}),
      (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.doesNotMatch(error.message, new RegExp(`${KEY}|1234567890`, "i"));
        return true;
      },
    ));
}
