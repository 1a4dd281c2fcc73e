import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** `npm run lists:age`: the lists of names that the policy ships, how many names each has, and how old it is. */
const FILE = new URL("../packages/postern/policies/known-names.yaml", import.meta.url);
const DAY_MS = 86_400_000;

interface ShippedList {
  readonly checked: string;
  readonly names: readonly string[];
}

const { known } = parse(readFileSync(FILE, "utf8")) as {
  readonly known: Readonly<Record<string, ShippedList>>;
};
for (const [list, { checked, names }] of Object.entries(known)) {
  const days = Math.floor((Date.now() - Date.parse(checked)) / DAY_MS);
  const count = `${names.length} names`.padEnd(10);
  process.stdout.write(`${list.padEnd(16)} ${count} checked ${checked}, ${days} days ago\n`);
}
