import { readFileSync } from "node:fs";
import { parseNameShape } from "@postern/filter-core";
import { parse } from "yaml";
import type { ShapesOfNames } from "../../packages/filter-core/src/rules/generic-name.ts";

const FILE = new URL("../../packages/postern/policies/known-names.yaml", import.meta.url);

/** The shapes of reverse names that the policy ships. */
export function shippedShapes(): ShapesOfNames {
  const { known } = parse(readFileSync(FILE, "utf8")) as {
    readonly known: Readonly<Record<keyof ShapesOfNames, { readonly names: readonly string[] }>>;
  };
  const read = (list: keyof ShapesOfNames) =>
    known[list].names.flatMap((text) => parseNameShape(text) ?? []);
  return { staticNames: read("staticNames"), lineNames: read("lineNames") };
}
