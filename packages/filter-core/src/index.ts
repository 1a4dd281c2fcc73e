/**
 * The rule engine: facts in, judgement out, and the port every adapter calls. No I/O, no clock, no Node.
 *
 * @packageDocumentation
 */

export {
  type ArcFact,
  AUTHOR_FAULTS,
  type AuthorFact,
  type AuthorFault,
  DKIM_REASONS,
  type DkimFact,
  type DkimReason,
  type DkimResult,
  type DmarcFact,
  type HeaderFacts,
  type SealedMethod,
  type SpfFact,
  type SpfFacts,
  type SpfResult,
} from "./facts/authentication.ts";
export type { Complaints } from "./facts/complaints.ts";
export type {
  AuthorDomainFact,
  ClientFacts,
  Credit,
  FactName,
  Facts,
  ForwarderFact,
  ListFact,
  ScoreFact,
  SenderDomainFact,
  Site,
  Standing,
} from "./facts/facts.ts";
export { hasFailedQuestion } from "./facts/failed-lookups.ts";
export type { Lookup } from "./facts/lookup.ts";
export type { Earlier, SeenFact } from "./facts/seen.ts";
export { isBefore, latestOf, STAGES, type Stage } from "./facts/stage.ts";
export { plainFieldName } from "./headers/field-name.ts";
export { ForgedHeaderFinder, type HeaderRef } from "./headers/forged.ts";
export { type HeaderField, headersFor } from "./headers/results.ts";
export type { Action, Decision } from "./judgement/decision.ts";
export { evidenceOfMessage, evidenceOfRefusal } from "./judgement/evidence.ts";
export { type Judgement, judge, NO_JUDGEMENT } from "./judgement/judge.ts";
export { type MessageOutcome, outcomeOf } from "./judgement/message-outcome.ts";
export type { Observation } from "./judgement/observation.ts";
export { refusalAt, replyAt, replyTextAt, toldAt } from "./judgement/refusal.ts";
export { creditsOf } from "./judgement/sums.ts";
export {
  type JudgedRecipient,
  type RecipientVerdict,
  type Verdict,
  verdictOf,
} from "./judgement/verdict.ts";
export {
  type ClientEntry,
  knownAt,
  type NamePattern,
  parseNamePattern,
  type RecipientEntry,
  restsOnWords,
  type Selector,
} from "./policy/client-list.ts";
export { indexEntries } from "./policy/entry-index.ts";
export {
  BAD_EVIDENCE,
  EVIDENCE_KINDS,
  type EvidenceKind,
  GOOD_EVIDENCE,
  type Weights,
} from "./policy/evidence-kinds.ts";
export { IDENTITY_KINDS, type IdentityKind } from "./policy/identity-kinds.ts";
export { MODES, type Mode } from "./policy/mode.ts";
export { type NameShape, parseNameShape } from "./policy/name-shape.ts";
export { formatPoints } from "./policy/points.ts";
export type {
  ComplaintPolicy,
  KnownNames,
  Policy,
  ReputationPolicy,
  RulePolicy,
  SharedPool,
  Tier,
} from "./policy/policy.ts";
export {
  fillReply,
  parseReplyTemplate,
  type ReplyTemplate,
  type ReplyValues,
} from "./policy/reply-template.ts";
export { RULE_KINDS, type RuleKind } from "./policy/rule-kind.ts";
export { type Treatment, treatmentOf } from "./policy/treatment.ts";
export {
  COMPLAINT_HALF_LIFE_DAYS,
  type ComplaintKind,
  complaintField,
  complaintIncrement,
  complaintsOn,
  estimateComplaints,
  MARKS_A_RECIPIENT,
  RESCUE_WORTH,
  readersField,
} from "./reputation/complaints.ts";
export {
  type CorrespondentKeys,
  keysOfAuthor,
  keysOfRecipient,
} from "./reputation/correspondents.ts";
export {
  dayOf,
  EPOCH_DAY,
  fieldOf,
  HALF_LIFE_DAYS,
  increment,
  type Row,
  VOUCHED_DAYS,
  worthOn,
} from "./reputation/decay.ts";
export {
  badnessFor,
  creditFor,
  type Estimate,
  estimate,
  estimateOn,
  NEUTRAL,
} from "./reputation/estimate.ts";
export {
  stillCounts,
  touchedBy,
} from "./reputation/evidence.ts";
export {
  addressIdentity,
  type Identity,
  identitiesOf,
  networkIdentity,
  parseIdentity,
  withoutNetwork,
} from "./reputation/identity.ts";
export { knownGood } from "./reputation/known-good.ts";
export { familiarity } from "./reputation/learned.ts";
export {
  deferralKey,
  faultKey,
  hasComeBack,
} from "./reputation/retries.ts";
export {
  hasSharedMailboxes,
  isSharedPool,
  parseSharedPool,
} from "./reputation/shared-pools.ts";
export { rules } from "./rules/all.ts";
export { readHelo } from "./rules/helo.ts";
export { DEFER_ONCE } from "./rules/history.ts";
export type { Rule, RuleInfo } from "./rules/rule.ts";
