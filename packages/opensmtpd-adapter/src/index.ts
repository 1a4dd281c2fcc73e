/**
 * The OpenSMTPD filter protocol (smtpd-filters(7)), 0.5 to 0.7. `serveFilter` is the process that smtpd starts, and
 * `serveEngine` the one that it starts and that may fail; a filter is given as an `Open` of the port. It never decides
 * about mail, never ends while smtpd lives, and never sends smtpd a line that would end it.
 *
 * @packageDocumentation
 */

export { type EngineOptions, type EngineServer, serveEngine } from "./engine.ts";
export type { FailureAnswer } from "./engine-messages.ts";
export type { FilterEvent } from "./events.ts";
export type { FilterOptions } from "./options.ts";
export type { EngineProcessOptions } from "./serve/engine-process.ts";
export { type ServeFilterOptions, serveFilter } from "./serve.ts";
export type { SpoolFile } from "./spool/spool-file.ts";
export type { StartTimer } from "./timers.ts";
export { formatResult } from "./wire/result.ts";
