import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { documentedKeys, documentKeys } from "./documented-keys.ts";
import { jsonSchemaFor } from "./json-schema.ts";
import { group, key, keyOr } from "./key.ts";
import { changedRestartKeys, needingRestart } from "./restart-keys.ts";
import { withConfig } from "./testing/with-config.ts";
import { strict, wholeNumber } from "./values.ts";

for (const file of ["config", "policy"] as const) {
  test(`documentedKeys: every key of the ${file} has a meaning, a default and a reload word`, () => {
    const keys = documentedKeys(file);
    assert.ok(keys.length > 50);
    for (const { name, meaning, default: otherwise, value, reload } of keys) {
      assert.notEqual(meaning, "", name);
      assert.notEqual(otherwise, "", name);
      assert.notEqual(value, "", name);
      assert.match(reload, /^(?:live|restart)$/, name);
    }
  });
}

test("documentedKeys: keys that were once hidden in unions are among them", () => {
  const names = [...documentedKeys("config"), ...documentedKeys("policy")].map(({ name }) => name);
  for (const name of [
    "listen.milter.allowRemote",
    "reputation.weights.clean",
    "reputation.complaints.debts.author",
    "known.freeMail.checked",
    "expect[].verdict.matchesNot",
    "rules.<rule>.tiers[].below",
    "caps.operator",
  ])
    assert.ok(names.includes(name), name);
});

test("a key that is declared once: default, type, docs, JSON Schema and reload follow", () => {
  const draft = strict({
    tea: group(
      {
        cups: key(wholeNumber(1, 9), {
          meaning: "How many.",
          written: 2,
          reload: "restart",
        }),
        sort: keyOr(
          z.string(),
          { meaning: "Which.", otherwise: "whatever is there" },
          (sort) => sort ?? null,
        ),
      },
      { meaning: "Tea.", reload: "live" },
    ),
  });
  const read: { readonly tea: { readonly cups: number; readonly sort: string | null } } =
    draft.parse({});
  assert.deepEqual(read, { tea: { cups: 2, sort: null } });
  assert.deepEqual(
    documentKeys(draft).map((row) => Object.values(row)),
    [
      ["tea", "map", "Tea.", "those of its keys", "live"],
      ["tea.cups", "whole number 1 to 9", "How many.", "`2`", "restart"],
      ["tea.sort", "text", "Which.", "whatever is there", "live"],
    ],
  );
  assert.deepEqual(needingRestart(draft.shape), ["tea.cups"]);
  assert.deepEqual(jsonSchemaFor(draft, "tea.yaml").properties?.["tea"]?.properties, {
    cups: {
      default: 2,
      type: "integer",
      minimum: 1,
      maximum: 9,
      description: "How many. Default: 2. A change needs a restart.",
    },
    sort: { type: "string", description: "Which. Default: whatever is there." },
  });
});

test("changedRestartKeys: names what only a restart applies, and nothing else", async () => {
  await withConfig("{}", async (before) => {
    const changed = "{ user: nobody, onDnsDown: tempfail, limits: { connections: 9 }, pidFile: a }";
    await withConfig(changed, (after) => {
      // Without pendingMiB of its own, memory follows the connections.
      assert.deepEqual(changedRestartKeys(before, after), [
        "user",
        "pidFile",
        "limits.connections",
        "limits.pendingMiB",
      ]);
      assert.deepEqual(changedRestartKeys(after, after), []);
    });
  });
});
