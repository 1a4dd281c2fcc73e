/**
 * What the program that smtpd starts calls first of all. Nothing that is imported from here imports anything but
 * what is built into Node: a module that cannot be loaded would end the mail server.
 *
 * @packageDocumentation
 */

export type { FailureAnswer } from "./engine-messages.ts";
export type { FilterEvent } from "./events.ts";
export type { FilterOptions } from "./options.ts";
export type { EngineProcessOptions } from "./serve/engine-process.ts";
export { type ServeFilterOptions, serveFilter } from "./serve.ts";
export type { SpoolFile } from "./spool/spool-file.ts";
export type { StartTimer } from "./timers.ts";
