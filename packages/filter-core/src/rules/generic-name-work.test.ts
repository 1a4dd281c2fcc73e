import assert from "node:assert/strict";
import { test } from "node:test";
import type { IpAddress } from "@postern/smtp-filter";
import { domain, ip } from "../testing/samples.ts";
import { recognizeGenericName } from "./generic-name.ts";

/**
 * Every method that recognition walks a text or a list with. Its own loops run over what these give back, and its
 * regular expressions have one quantifier each, or two that cannot take the same character: a pass a text.
 */
const WALKS: readonly (readonly [object, readonly string[]])[] = [
  [
    String.prototype,
    ["split", "match", "includes", "replaceAll", "startsWith", "endsWith", "slice"],
  ],
  [RegExp.prototype, ["test"]],
  [Map.prototype, ["get"]],
  [Array.prototype, ["map", "filter", "some", "every", "includes", "slice", "join"]],
];

const units = [
  "a",
  "1",
  "f",
  "1-",
  "0-",
  "a.",
  "1.",
  "a1",
  "x-1-",
  "dynadsl-",
  "poo",
  "adslpoolx",
  "mai",
];
const addresses = ["1.1.1.1", "203.0.113.77", "::1", "1:1:1:1:1:1:1:2", "2001:db8:4a3:b100::17"];

for (const unit of units) {
  test(`recognizeGenericName: twice the length is twice the work at most: ${unit} again and again`, () => {
    for (const address of addresses.map(ip)) {
      const work = [60, 120, 240].map((length) => countWork(nameOf(unit, length), address));
      const [short = 0, middle = 0, long = 0] = work;
      assert.ok(middle <= 2.1 * short && long <= 2.1 * middle, `work: ${work}`);
      assert.ok(long <= 400 * 240, `work: ${work}`);
    }
  });
}

/** A name of about so many octets, cut into labels of at most 60. */
function nameOf(unit: string, length: number): string {
  const text = unit.repeat(length).slice(0, length);
  const labels = (text.match(/.{1,60}/g) ?? []).flatMap((part) => part.split("."));
  const clean = labels.map((label) => label.replace(/-$/, "0")).filter((label) => label !== "");
  return `${clean.join(".")}.i.example`;
}

/** The characters and items that the methods of {@link WALKS} were asked to walk, as if none ever stopped early. */
function countWork(name: string, address: IpAddress): number {
  const parsed = domain(name);
  let work = 0;
  const restores = WALKS.flatMap(([prototype, methods]) =>
    methods.map((method) => {
      const original: unknown = Reflect.get(prototype, method);
      assert.ok(typeof original === "function");
      const counting = function (this: unknown, ...given: readonly unknown[]): unknown {
        work += 1 + lengthOf(this) + (typeof given[0] === "string" ? given[0].length : 0);
        return Reflect.apply(original, this, given);
      };
      Reflect.set(prototype, method, counting);
      return () => Reflect.set(prototype, method, original);
    }),
  );
  try {
    recognizeGenericName(parsed, address);
  } finally {
    for (const restore of restores) restore();
  }
  return work;
}

function lengthOf(walked: unknown): number {
  if (typeof walked === "string" || walked instanceof String || Array.isArray(walked))
    return walked.length;
  return 0;
}
