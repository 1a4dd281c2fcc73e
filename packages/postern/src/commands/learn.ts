import { identitiesOf } from "@postern/filter-core";
import { evaluateDmarc, type Resolver, systemClock } from "@postern/filter-runtime";
import type { Config } from "../config/config-types.ts";
import { type Mark, markMail } from "../learn/marks.ts";
import { type JudgedMail, readJudgedMail } from "../learn/read-mail.ts";
import { openConfiguredDns } from "../wire-up.ts";
import { NoStoreError, openCommandStore } from "./command-store.ts";

/** What was learned, in words. */
export interface LearnReport {
  readonly text: string;
  /** `foreign`: the message has not come through us. */
  readonly outcome: "learned" | "foreign";
}

/** More than a mail server lets a header have. */
const MAX_HEADER_BYTES = 1 << 20;

/**
 * `postern learn spam|ham [MESSAGE]`: a user's word on a message we let in, for those who have proved to have sent it.
 *
 * @throws {NoStoreError} if there is no store that two processes can share, or it does not answer.
 */
export async function learn(
  mark: Mark,
  config: Config,
  input: AsyncIterable<Uint8Array>,
): Promise<LearnReport> {
  const header = await readHeader(input);
  const { reputation } = config.policy;
  if (reputation === undefined)
    throw new NoStoreError(`the policy ${config.policy.name} learns nothing`);
  const mail = readJudgedMail(header, config, new Date().toISOString());
  if (mail === undefined)
    return {
      outcome: "foreign",
      text: `Cannot learn from this message: it has no X-Postern and no Authentication-Results of ${config.site.authservId}\n`,
    };
  const identities = identitiesOf(await withOrganization(mail, config), reputation.sharedPools);
  if (identities.length === 0)
    return { outcome: "learned", text: "nobody has proved to have sent this: nothing learned\n" };
  await using store = await openCommandStore(config);
  const today = Math.floor(Date.now() / 86_400_000);
  const marked = await markMail(store, { id: mail.id, identities }, mark, reputation, today);
  if (marked.kind === "unavailable") throw new NoStoreError(marked.reason);
  const names = identities.map(({ key }) => key).join(" ");
  const how =
    marked.kind === "already"
      ? `was learned as ${mark} before`
      : `${mark} for ${names}${marked.isCorrection ? ", the opposite is taken back" : ""}`;
  return { outcome: "learned", text: `${mail.id} ${how}\n` };
}

/** Reputation belongs to the organizational domain, which Authentication-Results does not name: it is asked for again. */
async function withOrganization(
  { facts }: JudgedMail,
  config: Config,
): Promise<JudgedMail["facts"]> {
  const { dmarc } = facts;
  if (dmarc?.result !== "pass" || dmarc.domain === null) return facts;
  const dns = openConfiguredDns(config, () => {}, systemClock);
  try {
    const organization = await organizationOf(dns, dmarc.domain);
    return organization === undefined ? facts : { ...facts, dmarc: { ...dmarc, organization } };
  } finally {
    dns.close();
  }
}

async function organizationOf(
  resolver: Resolver,
  domain: NonNullable<NonNullable<JudgedMail["facts"]["dmarc"]>["domain"]>,
): Promise<typeof domain | undefined> {
  const itself = { result: "pass", domain, permits: "some" } as const;
  const spf = { mailfrom: itself, helo: itself };
  return (await evaluateDmarc(resolver, { status: "one", domain }, spf, []))?.organization;
}

/** Up to the empty line; the rest is not needed. */
async function readHeader(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString("latin1");
    const end = /\r?\n\r?\n/.exec(text);
    if (end !== null) return text.slice(0, end.index);
    if (text.length > MAX_HEADER_BYTES) break;
  }
  return text;
}
