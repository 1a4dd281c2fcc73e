import type { Mailbox } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { isWithin, provedAuthorOf } from "./alignment.ts";

/** Under what a store keeps that a user of ours wrote to somebody; null: there is no such key. */
export interface CorrespondentKeys {
  /** `wrote:a@example.com` */
  readonly address: string | null;
  /** `wrote:@example.com` */
  readonly domain: string;
}

/**
 * What is kept when an authenticated user writes to somebody. Not for the null sender: an automatic answer goes to
 * whoever asks for it.
 */
export function keysOfRecipient(to: Mailbox): CorrespondentKeys | undefined {
  return to.domain === null ? undefined : keysOf(to, to.domain);
}

/**
 * What is asked when somebody writes to us; undefined: nothing, because no author has proved himself. The address is
 * the sender's, where it is of the author's own domain.
 */
export function keysOfAuthor(facts: Facts): CorrespondentKeys | undefined {
  const { from } = facts;
  const author = provedAuthorOf(facts);
  if (author === undefined) return undefined;
  if (from === null || from === "null-sender" || from.domain === null)
    return { address: null, domain: `wrote:@${author}` };
  const isAuthors = isWithin(from.domain, author);
  return { ...keysOf(from, author), ...(isAuthors ? {} : { address: null }) };
}

function keysOf({ localPart, domain }: Mailbox, of: string): CorrespondentKeys {
  return { address: `wrote:${localPart.toLowerCase()}@${domain}`, domain: `wrote:@${of}` };
}
