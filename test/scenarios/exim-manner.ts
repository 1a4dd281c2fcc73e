import type { Manner } from "./assert-told.ts";
import type { Scenario } from "./scenario.ts";

/** Exim shows the text of a refusal at connect, so it is told there, where Postfix has to wait for EHLO. */
export function eximManner(front: "exim" | "eximBh"): Manner {
  return { front, mta: "exim", stageOf };
}

function stageOf({ expect, config }: Scenario, stage: string): string {
  const isEarly = expect.shownAt === "EHLO" || /"refuseAt":"connect"/.test(JSON.stringify(config));
  return isEarly ? "connect" : stage;
}
