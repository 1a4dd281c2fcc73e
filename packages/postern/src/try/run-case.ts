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
import type { Edit } from "@postern/smtp-filter";
import { askFilter, type Heard } from "./ask-filter.ts";
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
 * Judges one SMTP session twice over the same settings. Once for the reader: every stage it has input for, so that a
 * refusal hides no later fact, and every lookup waited for. Once by the filter that listeners open, which alone says what
 * the client is told. Where the session stops before the filter has decided, what it would come to is foretold.
 */
export async function runCase(input: Case, given: Settings): Promise<TryResult> {
  const settings: Settings = { ...given, scripted: input.remembered };
  const foretold = await gather(input, settings);
  return asHeard(foretold, await askFilter(input, settings));
}

/** All that can be known of the session, and what would be told of it. */
async function gather(input: Case, settings: Settings): Promise<TryResult> {
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
        judgement: session.judge(session.facts("rcpt", [to])),
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
  return conclude(session, settings, stage, judged, forged);
}

function conclude(
  session: SessionFacts,
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

/** What was told takes the place of what was foretold; sums and reasons are those of all that is known. */
function asHeard(foretold: TryResult, heard: Heard): TryResult {
  const { verdict } = foretold;
  const { first, edits } = heard;
  if (first === null) return foretold;
  const { stage, action, rule, reply, would } = first;
  const isAsForetold = rule !== null && rule === verdict.rule;
  return {
    ...foretold,
    verdict: {
      ...verdict,
      ...{ action, rule, reply, would },
      decidedAt: isAsForetold || rule === null ? verdict.decidedAt : stage,
      toldAt: reply === null ? null : stage,
    },
    recipients: foretold.recipients.map((recipient, i) => {
      const told = heard.isShut ? first : (heard.recipients[i]?.refused ?? heard.message);
      return told === null ? recipient : { ...recipient, action: told.action, reply: told.reply };
    }),
    headers: edits === null ? foretold.headers : headersOf(edits),
  };
}

function headersOf(edits: readonly Edit[]): TryResult["headers"] {
  return {
    // The filter inserts at the top, so the topmost comes last.
    add: edits
      .flatMap((edit) => (edit.kind === "insert" ? [{ name: edit.name, value: edit.value }] : []))
      .toReversed(),
    remove: edits.flatMap((edit) =>
      edit.kind === "remove" ? [{ name: edit.name, ordinal: edit.ordinal }] : [],
    ),
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
