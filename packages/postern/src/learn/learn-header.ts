import { type Identity, identitiesOf, type ReputationPolicy } from "@postern/filter-core";
import { evaluateDmarc, type Resolver } from "@postern/filter-runtime";
import type { Config } from "../config/config-types.ts";
import type { Mark, Marked } from "./marks.ts";
import { type JudgedMail, readJudgedMail } from "./read-mail.ts";

/** What became of a mark. */
export interface Lesson {
  /** `refused`: not a message of ours, it need not be sent again. `later`: it could not be learned now. */
  readonly outcome: "learned" | "refused" | "later";
  /** One line, without its end. */
  readonly text: string;
}

/** Where marks go. */
export interface Teaching {
  readonly config: Config;
  readonly resolver: Resolver;
  mark(
    mail: { readonly id: string; readonly identities: readonly Identity[] },
    policy: ReputationPolicy,
  ): Promise<Marked>;
}

/**
 * Learns a user's word on a message we let in, for those who have proved to have sent it.
 *
 * @param header latin1, with any line ends.
 */
export async function learnHeader(mark: Mark, header: string, teaching: Teaching): Promise<Lesson> {
  const { config, resolver } = teaching;
  const { reputation } = config.policy;
  if (reputation === undefined)
    return { outcome: "later", text: `the policy ${config.policy.name} learns nothing` };
  const mail = readJudgedMail(header, config, new Date().toISOString());
  if (mail === undefined)
    return {
      outcome: "refused",
      text: `Cannot learn from this message: it has no X-Postern and no Authentication-Results of ${config.site.authservId}`,
    };
  const facts = await withOrganization(mail, resolver);
  const identities = identitiesOf(facts, reputation.sharedPools);
  if (identities.length === 0)
    return { outcome: "learned", text: "the message has no authenticated sender: nothing learned" };
  const marked = await teaching.mark({ id: mail.id, identities }, reputation);
  if (marked.kind === "unavailable") return { outcome: "later", text: marked.reason };
  const names = identities.map(({ key }) => key).join(" ");
  const how =
    marked.kind === "already"
      ? `was already learned as ${mark}`
      : `${mark} for ${names}${marked.isCorrection ? ", the opposite mark is reverted" : ""}`;
  return { outcome: "learned", text: `${mail.id} ${how}` };
}

/** Reputation belongs to the organizational domain, which Authentication-Results does not name: it is asked for again. */
async function withOrganization(
  { facts }: JudgedMail,
  resolver: Resolver,
): Promise<JudgedMail["facts"]> {
  const { dmarc } = facts;
  if (dmarc?.result !== "pass" || dmarc.domain === null) return facts;
  const itself = { result: "pass", domain: dmarc.domain, permits: "some" } as const;
  const spf = { mailfrom: itself, helo: itself };
  const author = { status: "one", domain: dmarc.domain } as const;
  const organization = (await evaluateDmarc(resolver, author, spf, []))?.organization;
  return organization === undefined ? facts : { ...facts, dmarc: { ...dmarc, organization } };
}
