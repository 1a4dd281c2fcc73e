import type { Mailbox } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { isBefore, type Stage } from "../facts/stage.ts";
import type { Policy } from "../policy/policy.ts";
import { type Treatment, treatmentOf } from "../policy/treatment.ts";
import type { Action, Decision } from "./decision.ts";
import type { Judgement } from "./judge.ts";
import { type MessageOutcome, outcomeOf } from "./message-outcome.ts";
import { refusalAt, replyTextAt, toldAt } from "./refusal.ts";

/** A whole conversation, judged: what `try` prints. */
export interface Verdict {
  readonly action: Action;
  readonly rule: string | null;
  readonly decidedAt: Stage;
  /** null where the client is told nothing but 250. */
  readonly toldAt: Stage | null;
  readonly reply: string | null;
  readonly debt: number;
  readonly credit: number;
  readonly would: Action | null;
}

export interface RecipientVerdict {
  readonly address: string;
  readonly action: Action;
  readonly reply: string | null;
}

/** A recipient and the judgement made when it was named. */
export interface JudgedRecipient {
  readonly to: Mailbox;
  readonly judgement: Judgement;
}

/**
 * The first decision that the client of a conversation would be told, and what becomes of each recipient.
 * A stage the conversation did not come to is taken as still to come.
 *
 * @param judgement of all facts; `facts.stage` is the last stage that had input.
 * @param id the decision id that replies may name.
 */
export function verdictOf(
  judgement: Judgement,
  judgedRecipients: readonly JudgedRecipient[],
  facts: Facts,
  policy: Policy,
  id: string,
): { readonly verdict: Verdict; readonly recipients: readonly RecipientVerdict[] } {
  const values = { ip: facts.client.address ?? "unknown", id };
  const totals = { debt: judgement.debt, credit: judgement.credit };
  const told = (decision: Decision, at: Stage) => ({
    action: decision.action,
    reply: replyTextAt(at, decision, values),
  });
  const verdict = (decision: Decision, at: Stage): Verdict => {
    const { rule, decidedAt } = decision;
    return { ...told(decision, at), rule, decidedAt, toldAt: at, ...totals, would: null };
  };

  const before = toldBeforeRcpt(judgement, facts, policy);
  if (before !== null) {
    const all = judgedRecipients.map(({ to }) => ({
      address: to.text,
      ...told(before.decision, before.at),
    }));
    return { verdict: verdict(before.decision, before.at), recipients: all };
  }

  const answered = judgedRecipients.map(({ to, judgement: atRcpt }) => {
    const treatment = treatmentOf(to, facts, policy);
    const decision = refusalAt("rcpt", atRcpt, facts.client.mta.name, treatment);
    return { to, treatment, decision };
  });
  const accepted = answered.filter(({ decision }) => decision === null);
  const outcome = outcomeSoFar(
    judgement,
    accepted.map(({ treatment }) => treatment),
    facts,
    policy,
  );
  const recipients = answered.map(({ to, decision }) => {
    if (decision !== null) return { address: to.text, ...told(decision, "rcpt") };
    if (outcome.decision !== null)
      return { address: to.text, ...told(outcome.decision, "message") };
    return { address: to.text, action: outcome.action, reply: null };
  });

  const refused = answered.find(({ decision }) => decision !== null)?.decision;
  const pending = judgedRecipients.length === 0 ? pendingAtRcpt(judgement, facts, policy) : null;
  const atRcpt = refused ?? pending;
  if (atRcpt !== null && atRcpt !== undefined)
    return { verdict: verdict(atRcpt, "rcpt"), recipients };
  if (outcome.decision !== null)
    return { verdict: verdict(outcome.decision, "message"), recipients };
  const { action, would } = outcome;
  return {
    verdict: {
      action,
      rule: null,
      decidedAt: facts.stage,
      toldAt: null,
      reply: null,
      ...totals,
      would,
    },
    recipients,
  };
}

/** A connect-stage decision that waits for a HELO is applied at MAIL if no HELO comes. */
function toldBeforeRcpt(
  judgement: Judgement,
  facts: Facts,
  policy: Policy,
): { readonly decision: Decision; readonly at: Stage } | null {
  const decision = refusalAt("mail", judgement, facts.client.mta.name, guarded(policy));
  if (decision === null) return null;
  const at = toldAt(decision, facts.client.mta.name);
  const isHeloMissing = facts.helo === null && !isBefore(facts.stage, "mail");
  return { decision, at: at === "helo" && isHeloMissing ? "mail" : at };
}

function pendingAtRcpt(judgement: Judgement, facts: Facts, policy: Policy): Decision | null {
  return refusalAt("rcpt", judgement, facts.client.mta.name, guarded(policy));
}

/** Before the message, only final decisions count. */
function outcomeSoFar(
  judgement: Judgement,
  treatments: readonly Treatment[],
  facts: Facts,
  policy: Policy,
): MessageOutcome {
  const { name } = facts.client.mta;
  if (facts.stage === "message") return outcomeOf(judgement, treatments, policy, name);
  const { early } = judgement;
  return outcomeOf({ ...judgement, message: early, messageAlone: null }, treatments, policy, name);
}

function guarded({ mode }: Policy): Treatment {
  return { mode, door: "guarded" };
}
