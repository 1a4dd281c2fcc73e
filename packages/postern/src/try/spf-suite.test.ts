import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { loadConfig } from "../config/load.ts";
import { resultJson } from "./result-json.ts";
import { tryCase } from "./try-case.ts";

/** The suite of RFC 7208 (openspf.org), through what `try --jsonl` runs. It is not ours, so it is not in the project. */
const SUITE = join(import.meta.dirname, "../../../../../shared/suites/spf/rfc7208-tests.yml");
const CASES = 203;

type Entry = string | Readonly<Record<string, unknown>>;

interface Section {
  readonly description: string;
  readonly tests: Readonly<Record<string, SpfCase>>;
  readonly zonedata: Readonly<Record<string, readonly Entry[]>>;
}

interface SpfCase {
  readonly helo: string;
  readonly host: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
}

const TYPES = ["A", "AAAA", "MX", "PTR", "TXT"];

test(`SPF: the ${CASES} cases of RFC 7208`, {
  skip: existsSync(SUITE) ? false : `the suite is not there: ${SUITE}`,
}, async (context) => {
  const config = await loadConfig({ cwd: "/", systemFile: null, hostname: "mx.example.org" });
  let count = 0;
  for (const document of parseAllDocuments(readFileSync(SUITE, "utf8"))) {
    const section = document.toJS() as Section | null;
    for (const [id, spfCase] of Object.entries(section?.tests ?? {})) {
      count += 1;
      await context.test(`${section?.description}: ${id}`, async () => {
        const { helo, host, mailfrom, result } = spfCase;
        const input = { client: { ip: host }, helo, from: mailfrom, dns: zoneOf(section) };
        const json = resultJson(id, await tryCase(input, config)) as {
          readonly facts: { readonly spf: { readonly mailfrom: { readonly result: string } } };
        };
        assert.ok([result].flat().includes(json.facts.spf.mailfrom.result), JSON.stringify(json));
      });
    }
  }
  assert.equal(count, CASES);
});

/** SPF records stand for TXT ones, where a name has none of its own. */
function zoneOf(section: Section | null): Record<string, unknown> {
  const zone: Record<string, unknown> = {};
  for (const [name, entries] of Object.entries(section?.zonedata ?? {})) {
    const records: Record<string, unknown[] | "timeout"> = {};
    const hasTxt = entries.some((entry) => typeof entry === "object" && "TXT" in entry);
    for (const entry of entries) {
      if (typeof entry === "string") continue;
      for (const [written, value] of Object.entries(entry)) {
        if (value === "NONE" || (written === "SPF" && hasTxt)) continue;
        const type = written === "SPF" ? "TXT" : written;
        const known = records[type] ?? [];
        records[type] =
          value === "TIMEOUT" || known === "timeout" ? "timeout" : [...known, shape(type, value)];
      }
    }
    if (entries.includes("TIMEOUT")) for (const type of TYPES) records[type] ??= "timeout";
    zone[name] = records;
  }
  return zone;
}

function shape(type: string, value: unknown): unknown {
  if (type !== "MX" || !Array.isArray(value)) return value;
  return `${value[0]} ${value[1] === "" ? "." : value[1]}`;
}
