import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts, ListFact } from "@postern/filter-core";
import { parseDomain } from "@postern/smtp-filter";
import { lookedUp } from "./explain-lookups.ts";

const list = (result: ListFact["result"], url: string | null = null): ListFact => ({
  zone: "list.example",
  operator: "someone",
  url,
  result,
});
const sealer = parseDomain("lists.example");
assert.ok(sealer);

const cases: readonly [name: string, facts: Partial<Facts>, lines: readonly string[]][] = [
  ["nothing", {}, []],
  [
    "a score",
    { scores: [{ zone: "score.example", result: { status: "found", value: 42 } }] },
    ["score.example: 42"],
  ],
  [
    "lists: each way a question may end",
    {
      lists: [
        list({ status: "found", value: ["sbl", "pbl"] }, "https://list.example/192.0.2.1"),
        list({ status: "found", value: [] }),
        list({ status: "none" }),
        list({ status: "temperror", detail: "timeout" }),
      ],
    },
    [
      "list.example: listed as sbl, pbl, see https://list.example/192.0.2.1",
      "list.example: listed, but its answer has no label here",
      "list.example: not listed",
      "list.example: lookup failed (timeout); not evidence",
    ],
  ],
  [
    "a sender that takes mail",
    { senderDomain: "takes-mail" },
    ["domain of the sender: has an MX or an address"],
  ],
  [
    "a sender that takes none",
    { senderDomain: "null-mx" },
    ["domain of the sender: accepts no mail (null MX)"],
  ],
  [
    "a sender that is not there",
    { senderDomain: "nothing" },
    ["domain of the sender: does not exist, or has neither an MX nor an address record"],
  ],
  [
    "a sender that cannot be looked up",
    { senderDomain: "temperror" },
    ["domain of the sender: lookup failed; not evidence"],
  ],
  [
    "a forwarder by its address",
    { forwarder: { by: "client" } },
    ["forwarder: the client is one of your forwarders: rdns, spf, dmarc and auth.none are ignored"],
  ],
  [
    "a forwarder by its seal",
    { forwarder: { by: "arc-sealer", domain: sealer, passes: ["spf", "dmarc"] } },
    ["forwarder: lists.example sealed last, and its report that spf, dmarc passed is trusted"],
  ],
  [
    "a sealer that found nothing to pass",
    { forwarder: { by: "arc-sealer", domain: sealer, passes: [] } },
    ["forwarder: lists.example sealed last, but reports nothing as pass"],
  ],
  [
    "sealed results",
    { arc: { result: "pass", sealers: [sealer], sealedPasses: ["dkim"] } },
    ["ARC: pass, sealed by lists.example; the last one reports dkim as pass"],
  ],
];
for (const [name, facts, lines] of cases) {
  test(`lookedUp: ${name}`, () => assert.deepEqual(lookedUp(facts as Facts), lines));
}
