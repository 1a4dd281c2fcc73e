import { site } from "./rows/base.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";

/** A policy may write 300 characters (filter-core, reply-template.ts); the decision id with its brackets comes behind. */
const words = `ask us why: ${"the reason is long ".repeat(16)}`.slice(0, 299).concat(".");
const reply = `550 5.7.25 ${words}`;

const [first] = table.filter(({ id }) => id === "no-ptr");
if (first === undefined) throw new Error("the table has no row no-ptr");

/** The longest refusal there is: it must come through each server whole, the decision id at its end. Not on the page. */
export const longReply: Scenario = {
  ...first,
  id: "long-reply",
  config: {
    ...site,
    policy: { extends: "postmaster-2026", rules: { "rdns.none": { reply } } },
  },
  expect: { ...first.expect, reply, log: { rule: "rdns.none" } },
};
