import { type Resolver, recordSize } from "@postern/dns";
import type { Spend } from "../work-budget.ts";

/** The same resolver; what is asked and what has to be read of the answers is noted. */
export function countedQuestions(resolver: Resolver, spend: Spend): Resolver {
  return {
    async ask(name, type) {
      spend("question", 1);
      const answer = await resolver.ask(name, type);
      if (type === "TXT" && answer.status === "found")
        spend(
          "recordKiB",
          answer.value.reduce((sum, record) => sum + recordSize(record), 0) / 1_024,
        );
      return answer;
    },
  };
}
