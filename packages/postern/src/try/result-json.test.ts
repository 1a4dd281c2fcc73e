import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListFact } from "@postern/filter-core";
import { loadConfig } from "../config/load.ts";
import { resultJson } from "./result-json.ts";
import { tryCase } from "./try-case.ts";

const config = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });

test("resultJson: lists with the labels of each, without what is not in the contract", async () => {
  const result = await tryCase({ client: { ip: "192.0.2.1" }, dns: {} }, config);
  const list = (zone: string, answer: ListFact["result"]): ListFact => ({
    zone,
    operator: "someone",
    url: "https://list.example/192.0.2.1",
    result: answer,
  });
  const lists = [
    list("a.example", { status: "found", value: ["sbl", "pbl"] }),
    list("b.example", { status: "none" }),
    list("c.example", { status: "temperror", detail: "timeout" }),
  ];
  const facts = { ...result.facts, lists, senderDomain: "nothing" as const };
  const json = resultJson("1", { ...result, facts })["facts"] as Record<string, unknown>;
  assert.deepEqual(json["lists"], [
    { zone: "a.example", status: "found", labels: ["sbl", "pbl"] },
    { zone: "b.example", status: "none", labels: [] },
    { zone: "c.example", status: "temperror", labels: [] },
  ]);
  assert.equal("senderDomain" in json, false);
});

test("resultJson: lists are left out where there are none", async () => {
  const result = await tryCase({ client: { ip: "192.0.2.1" }, dns: {} }, config);
  assert.equal("lists" in (resultJson("1", result)["facts"] as object), false);
});
