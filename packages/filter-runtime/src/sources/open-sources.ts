import type { Asker, Resolver } from "@postern/dns";
import { evaluateSpf, loadMailauth, MessageCheck } from "@postern/mail-auth";
import type { Clock } from "@postern/smtp-filter";
import type { Sources } from "../settings.ts";
import type { Spend } from "../work-budget.ts";
import { countedQuestions } from "./counted-questions.ts";
import { UNHEARD } from "./heard.ts";
import { lookUpHeloAddress } from "./helo-address.ts";
import type { ListSource } from "./lists/list-source.ts";
import { lookUpReverseName } from "./reverse-name.ts";
import type { ScoreSource } from "./scores.ts";
import { lookUpSenderDomain } from "./sender-domain.ts";

/** Where everything that a conversation looks up comes from. */
export interface Origins {
  readonly resolver: Resolver;
  /** The resolver on the account of a client; left out: there is one account. */
  readonly resolverFor?: (asker: Asker) => Resolver;
  readonly scores: ScoreSource;
  readonly lists?: ListSource;
  readonly clock: Clock;
  /** Notes the work that is done; left out: nobody counts it. */
  readonly spend?: Spend;
  /** Whether the resolver answers at all; a scripted one always does. */
  readonly state: Sources["resolver"];
}

/** Loads what takes its time to load, so that no connection waits for it. */
export function preloadSources(): void {
  loadMailauth();
}

export function openSources(origins: Origins): Sources {
  const { resolver, resolverFor, scores, lists, clock, spend, state } = origins;
  return {
    ...(resolverFor === undefined
      ? {}
      : {
          forAsker: (asker: Asker, spend: Spend) => {
            const { resolverFor: _, ...others } = origins;
            const counted = countedQuestions(resolverFor(asker), spend);
            return openSources({ ...others, resolver: counted, spend });
          },
        }),
    reverseName: (address) => lookUpReverseName(resolver, address),
    heloAddress: (name) => lookUpHeloAddress(resolver, name),
    scores: (address) => scores.lookUp(resolver, address),
    lists: (address) => lists?.lookUp(resolver, address) ?? Promise.resolve(UNHEARD),
    senderDomain: (domain) => lookUpSenderDomain(resolver, domain),
    spf: (question) => evaluateSpf(resolver, question, clock),
    checkMessage: () =>
      new MessageCheck({ resolver, clock, ...(spend === undefined ? {} : { onWork: spend }) }),
    resolver: state,
  };
}
