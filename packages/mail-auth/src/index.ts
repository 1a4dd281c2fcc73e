/**
 * Where a mail is from: whom its From names, and what SPF, DKIM, DMARC and ARC say of that. It asks the DNS it is given,
 * and must never reject for what a message or the DNS holds, nor take a failed lookup for evidence.
 *
 * @packageDocumentation
 */

export { authenticate, type Envelope, type MailResults } from "./authenticate.ts";
export { loadMailauth } from "./mailauth/mailauth.ts";
export { type CheckOptions, MessageCheck, type MessageResults } from "./message-check.ts";
export { evaluateSpf, type SpfQuestion } from "./spf/spf.ts";
