import { Buffer } from "node:buffer";
import { replyLine } from "./reply-line.ts";
import { fieldOrder } from "./version.ts";

/** What can be answered to a request. `junk` and `rewrite` never are: see the README of this package. */
export type Result =
  | { readonly kind: "proceed" }
  /** The client may go on, unless the code is 421. */
  | { readonly kind: "reject"; readonly reply: string }
  | { readonly kind: "disconnect"; readonly reply: string };

/** Whom an answer is for: copied from the request, byte for byte. */
export interface Addressee {
  readonly version: string;
  readonly session: string;
  readonly token: string;
}

/**
 * What we want to be told and asked, each once: a report registered twice comes twice. All of it exists since 0.5;
 * a name that smtpd does not know would end it.
 */
const REPORTS = [
  "link-connect",
  "link-identify",
  "link-tls",
  "link-auth",
  "link-disconnect",
  "tx-mail",
  "tx-rcpt",
  "tx-commit",
  "tx-rollback",
  "tx-reset",
  "timeout",
] as const;
/** Never `auth`: it carries passwords. */
const FILTERS = [
  "connect",
  "helo",
  "ehlo",
  "mail-from",
  "rcpt-to",
  "data",
  "data-line",
  "commit",
] as const;

/** The answer to `config|ready`: reports, filters, ready. */
export const REGISTER_BLOCK: string = [
  ...REPORTS.map((name) => `register|report|smtp-in|${name}\n`),
  ...FILTERS.map((name) => `register|filter|smtp-in|${name}\n`),
  "register|ready\n",
].join("");

/** The answer to one request, as latin1, with its LF. Whatever the reply holds, it is one that smtpd takes. */
export function encodeResult(addressee: Addressee, result: Result): string {
  const head = `filter-result|${addressed(addressee)}|${result.kind}`;
  return result.kind === "proceed" ? `${head}\n` : `${head}|${replyLine(result.reply)}\n`;
}

/** What stands before each line of a message that is sent back. */
export function dataLinePrefix(addressee: Addressee): Buffer {
  return Buffer.from(`filter-dataline|${addressed(addressee)}|`, "latin1");
}

function addressed({ version, session, token }: Addressee): string {
  return fieldOrder(version).answers === "session-first"
    ? `${session}|${token}`
    : `${token}|${session}`;
}
