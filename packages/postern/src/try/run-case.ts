import {
  type Facts,
  ForgedHeaderFinder,
  type HeaderField,
  type HeaderRef,
  headersFor,
  type JudgedRecipient,
  type Judgement,
  type MessageOutcome,
  outcomeOf,
  type RecipientVerdict,
  type Stage,
  treatmentOf,
  type Verdict,
  verdictOf,
} from "@postern/filter-core";
import { SessionFacts, type Settings } from "@postern/filter-runtime";
import type { Case } from "./case.ts";
import { splitMessage } from "./split-message.ts";

/** What would happen to a conversation, and why. */
export interface TryResult {
  readonly verdict: Verdict;
  readonly recipients: readonly RecipientVerdict[];
  readonly facts: Facts;
  readonly judgement: Judgement;
  readonly outcome: MessageOutcome;
  readonly headers: {
    readonly add: readonly HeaderField[];
    readonly remove: readonly HeaderRef[];
  };
}

/** `try` decides nothing that could be looked up later. */
export const TRY_DECISION_ID = "0000000000000000";

/**
 * Leads one conversation through the session that a listener uses, all stages it has input for: a refusal
 * does not stop later facts. Waits for every lookup, so what is printed is complete.
 */
export async function runCase(input: Case, settings: Settings): Promise<TryResult> {
  const session = new SessionFacts(input.client, settings);
  let stage: Stage = "connect";
  session.connect();
  if (input.helo !== null) {
    session.helo(input.helo);
    stage = "helo";
  }
  if (input.tls === true) session.secured();
  if (input.user !== null) session.authenticated();
  const judged: JudgedRecipient[] = [];
  if (input.from !== undefined) {
    session.mail(input.from);
    stage = "mail";
    await session.ready("message");
    for (const to of input.recipients) {
      judged.push({
        to,
        judgement: session.judge({ ...session.facts("rcpt", [to]), ...input.remembered }),
      });
      stage = "rcpt";
    }
  }
  const forged = new ForgedHeaderFinder(settings.site.authservId);
  if (input.message !== null && stage === "rcpt") {
    const content = session.message();
    const { headers, body } = splitMessage(input.message);
    for (const { name, rawValue } of headers) {
      forged.see(latin1(name), latin1(rawValue));
      content?.header(name, rawValue);
    }
    content?.body(body);
    content?.end();
    stage = "message";
  }
  await session.ready("message");
  return conclude(session, input, settings, stage, judged, forged);
}

function conclude(
  session: SessionFacts,
  { remembered }: Case,
  settings: Settings,
  stage: Stage,
  judged: readonly JudgedRecipient[],
  forged: ForgedHeaderFinder,
): TryResult {
  const { policy } = settings;
  const facts: Facts = {
    ...session.facts(
      stage,
      judged.map(({ to }) => to),
    ),
    ...remembered,
    forgedFields: forged.amount(),
  };
  const judgement = session.judge(facts);
  const { verdict, recipients } = verdictOf(judgement, judged, facts, policy, TRY_DECISION_ID);
  const treatments = judged.map(({ to }) => treatmentOf(to, facts, policy));
  const outcome = outcomeOf(judgement, treatments, policy, facts.client.mta.name);
  const add = headersFor(facts, judgement, outcome, policy, TRY_DECISION_ID);
  return {
    verdict,
    recipients,
    facts,
    judgement,
    outcome,
    headers: { add, remove: forged.found() },
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
