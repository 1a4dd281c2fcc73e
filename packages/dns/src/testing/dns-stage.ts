import type { DnsAnswer } from "../answer/answer.ts";
import type { Ask, Question } from "../answer/question.ts";
import type { RecordType } from "../answer/record.ts";

/** A question that reached the bottom and waits for its answer. */
interface Open {
  readonly question: Question;
  answer(answer: DnsAnswer): void;
}

/** The bottom of a stack of layers, answered by hand. */
export interface Stage {
  readonly ask: Ask;
  /** All that ever came, in order. */
  readonly opened: readonly Open[];
}

export function openStage(): Stage {
  const opened: Open[] = [];
  return {
    ask: (question) =>
      new Promise((resolve) => {
        opened.push({ question, answer: resolve });
      }),
    opened,
  };
}

export function question(name: string, untilMs = 1e9, type: RecordType = "A"): Question {
  return { name, type, untilMs };
}
