import { MessageCheck } from "../authentication/message-check.ts";
import { QUESTIONS, questionBudget } from "../authentication/question-budget.ts";
import { evaluateSpf } from "../authentication/spf.ts";
import type { Clock } from "../clock.ts";
import type { Resolver } from "../dns/resolver.ts";
import type { Sources } from "../settings.ts";
import { lookUpHeloAddress } from "./helo-address.ts";
import { lookUpReverseName } from "./reverse-name.ts";
import type { ScoreSource } from "./scores.ts";

/** Where everything that a conversation looks up comes from. */
export interface Origins {
  readonly resolver: Resolver;
  readonly scores: ScoreSource;
  readonly clock: Clock;
  /** Whether the resolver answers at all; a scripted one always does. */
  readonly state: Sources["resolver"];
}

export function openSources({ resolver, scores, clock, state }: Origins): Sources {
  return {
    reverseName: (address) => lookUpReverseName(resolver, address),
    heloAddress: (name) => lookUpHeloAddress(resolver, name),
    scores: (address) => scores.lookUp(resolver, address),
    spf: (question) => {
      const limit = question.identity === "helo" ? QUESTIONS.spfHelo : QUESTIONS.spfMailfrom;
      return evaluateSpf(questionBudget(resolver, limit), question, clock);
    },
    checkMessage: () => new MessageCheck(resolver, clock),
    resolver: state,
  };
}
