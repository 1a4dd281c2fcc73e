import {
  DEFER_ONCE,
  type Decision,
  deferralKey,
  type EvidenceKind,
  evidenceOfMessage,
  evidenceOfRefusal,
  type Facts,
  faultKey,
  hasComeBack,
  hasSharedMailboxes,
  identitiesOf,
  type Judgement,
  keysOfRecipient,
  type MessageOutcome,
  type Policy,
  parseIdentity,
} from "@postern/filter-core";
import type { Mailbox } from "@postern/smtp-filter";
import type { Accepted, History } from "./history.ts";

/** A recipient list of thousands teaches no more than this many. */
const MAX_WRITTEN_TO = 50;

/** Unknown recipient; relay attempt; unknown SMTP command. */
export type Misconduct = "unknownRecipient" | "relayAttempt" | "brokenSmtp";

/** What one connection teaches. What happens several times in it is one try, and one lesson. */
export class Lessons {
  readonly #history: History;
  readonly #policy: Policy;
  readonly #tried = new Set<string>();
  readonly #refusals = new Set<EvidenceKind>();

  constructor(history: History, policy: Policy) {
    this.#history = history;
    this.#policy = policy;
  }

  /** A client was refused before its message. */
  refused(facts: Facts, decision: Decision): void {
    this.#try(facts, decision);
    const kind = evidenceOfRefusal(decision.papers);
    if (decision.action !== "reject" || kind === undefined || this.#refusals.has(kind)) return;
    this.#refusals.add(kind);
    this.#learn(kind, facts);
  }

  /** A message came to its end. */
  judged(facts: Facts, judgement: Judgement, outcome: MessageOutcome): void {
    const { decision } = outcome;
    if (decision !== null) this.#try(facts, decision);
    const kind = evidenceOfMessage(judgement, outcome, this.#policy);
    const isInInbox = outcome.action === "accept";
    if (kind !== undefined && kind !== "clean") this.#learn(kind, facts);
    if (kind === "clean" || isInInbox)
      this.#accepted(facts, { isInInbox, isClean: kind === "clean", recipients: facts.recipients });
    const key = deferralKey(facts);
    const isNew = facts.seen !== undefined && facts.seen.deferral !== "passed";
    if (decision === null && key !== undefined && isNew && hasComeBack(facts))
      this.#history.passed(key);
  }

  /** The client does what no honest mail server does. */
  misconduct(facts: Facts, kind: Misconduct): void {
    this.#learn(kind, facts);
  }

  /** One of our own users writes to somebody, who may answer. */
  wrote(recipients: readonly Mailbox[]): void {
    for (const to of recipients.slice(0, MAX_WRITTEN_TO)) {
      const keys = keysOfRecipient(to);
      if (keys !== undefined) this.#history.wrote(keys);
      this.#learnOfCorrespondent(to);
    }
  }

  #learnOfCorrespondent({ domain }: Mailbox): void {
    const { reputation } = this.#policy;
    if (domain === null || reputation === undefined) return;
    // Where everybody has a mailbox, a letter to one says nothing of the others.
    if (hasSharedMailboxes(domain, reputation.sharedPools)) return;
    const identity = parseIdentity(`domain:${domain}`);
    if (identity !== undefined) this.#history.learn("writtenTo", [identity], reputation);
  }

  #try(facts: Facts, decision: Decision): void {
    const key = retryKey(facts, decision);
    if (key === undefined || this.#tried.has(key)) return;
    this.#tried.add(key);
    this.#history.tried(key);
  }

  #learn(kind: EvidenceKind, facts: Facts): void {
    const { reputation } = this.#policy;
    if (reputation !== undefined)
      this.#history.learn(kind, identitiesOf(facts, reputation.sharedPools), reputation);
  }

  #accepted(facts: Facts, message: Accepted): void {
    const { reputation } = this.#policy;
    if (reputation !== undefined)
      this.#history.accepted(message, identitiesOf(facts, reputation.sharedPools), reputation);
  }
}

/** Under what it is remembered that the client was told to come back; undefined: it was not. */
function retryKey(facts: Facts, { rule, papers }: Decision): string | undefined {
  if (rule === DEFER_ONCE) return deferralKey(facts);
  return papers.firstRefusal === "temporary" ? faultKey(facts) : undefined;
}
