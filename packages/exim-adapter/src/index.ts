/**
 * The socket of Exim and notqmail. `serveExim` puts a filter, given as an `Open` of the port, before them: one request
 * for each connection, in one of three dialects (PROTOCOL.md). It never decides about mail, never prints, and never
 * lets a broken peer or handler take the process down.
 *
 * @packageDocumentation
 */

export type { ServerEvent } from "./events.ts";
export type { AnswerOptions } from "./options.ts";
export { type EximServer, type ServeEximOptions, serveExim } from "./serve.ts";
