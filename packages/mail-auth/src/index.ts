/**
 * Where a mail is from: whom its From names, and what SPF, DKIM, DMARC and ARC say of that. It asks the DNS it is given,
 * and must never reject for what a message or the DNS holds, nor take a failed lookup for evidence.
 *
 * @packageDocumentation
 */

export { loadMailauth } from "./mailauth/mailauth.ts";
export { MessageCheck, type MessageFound } from "./message-check.ts";
export { QUESTIONS, questionBudget } from "./question-budget.ts";
export { evaluateSpf, type SpfQuestion } from "./spf/spf.ts";
