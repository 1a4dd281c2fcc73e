/**
 * Gathers the facts of SMTP conversations, has the core judge them, and answers in time: the port of
 * filter-core, implemented. It must never reject, answer twice, or take a failed lookup for evidence.
 *
 * @packageDocumentation
 */

export { type AddressGuard, guardAddresses } from "./address-guard.ts";
export { createOpen } from "./connection.ts";
export { formatEntry } from "./count-line.ts";
export type { Fault } from "./deadline.ts";
export {
  addComplaint,
  type Complaint,
  readerKey,
  takeBackComplaint,
} from "./history/complaints.ts";
export { countedOn, countField, writeCount } from "./history/daily-count.ts";
export { type History, openHistory } from "./history/history.ts";
export {
  keepMarkKey,
  MARK_KEY_ROW,
  type MarkKeeper,
  type MarkKey,
  readMarkKey,
} from "./history/mark-key.ts";
export { isProved, readSentClaim, type SentClaim } from "./history/mark-proof.ts";
export type { HistoryStore } from "./history/store.ts";
export { storeKey } from "./history/store-key.ts";
export { SessionFacts } from "./session-facts.ts";
export type { FaultAnswer, Settings, Sources, TarpitPlaces, TlsListeners } from "./settings.ts";
export {
  createListSource,
  type ListAlarm,
  type ListOptions,
  type ListSource,
  type ListSourceOptions,
} from "./sources/lists/list-source.ts";
export { openSources, preloadSources } from "./sources/open-sources.ts";
export {
  createScoreSource,
  type ScoreAlarm,
  type ScoreSource,
  type ScoreSourceOptions,
} from "./sources/scores.ts";
export { tarpitPlaces } from "./tarpit-places.ts";
export { rememberTlsListeners } from "./tls-listeners.ts";
export { openWorkBudget, WORK_LIMITS } from "./work-budget.ts";
