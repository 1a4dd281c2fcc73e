import { type DnsAnswer, fault, type Resolver, resolverOf } from "@postern/dns";

/**
 * How many questions a message may cost us at most, by what they are for, so that none can eat up the share of
 * another: a forged author must not go unchecked because the attacker's own SPF record was long.
 * With the client's reverse name (1 and 10 names), its HELO name (2) and the sender's domain (3), 60 in all;
 * one more for each score zone and list, whose number the site decides.
 */
export const QUESTIONS = { spfMailfrom: 18, spfHelo: 8, keys: 8, dmarc: 10 } as const;

/** A resolver that answers each question once and so many in all; more are `temperror`. Never rejects. */
export function questionBudget(resolver: Resolver, limit: number): Resolver {
  const answers = new Map<string, Promise<DnsAnswer>>();
  return resolverOf((name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const known = answers.get(key);
    if (known !== undefined) return known;
    if (answers.size >= limit) return Promise.resolve(fault("too many questions"));
    const answer = resolver.ask(name, type);
    answers.set(key, answer);
    return answer;
  });
}
