import { site } from "./rows/base.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";

const reply = "421 4.7.0 this session costs us too much, please try again later";

const [first] = table.filter(({ id }) => id === "honest");
if (first === undefined) throw new Error("the table has no row honest");

/** What the lookups of one MAIL cost is too much here: the session is told 421 and ends. `try` judges whatever it costs. */
export const overBudget: Scenario = {
  ...first,
  id: "over-budget",
  config: { ...site, limits: { sessionCpuMs: 1 } },
  expect: {
    action: "tempfail",
    rule: "fault.budget",
    reply,
    shownAt: "RCPT",
    log: {
      address: "192.0.2.1",
      action: "tempfail",
      rule: "fault.budget",
      debt: "0",
      credit: "0",
      result: reply,
    },
  },
};
