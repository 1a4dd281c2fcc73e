import { type Domain, parseDomain } from "@postern/smtp-filter";
import { getDomain, parse } from "tldts";

const OPTIONS = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };

/**
 * The domain that somebody registered, by the public suffix list with its private part: `example.co.uk` for
 * `mail.example.co.uk`. Its owner answers for all names below it.
 *
 * @returns undefined for a public suffix itself.
 */
export function registrableDomain(name: Domain): Domain | undefined {
  const found = getDomain(name, OPTIONS);
  return found === null ? undefined : parseDomain(found);
}

/** The same for any text; undefined also where its top level domain does not exist. */
export function knownRegistrableDomain(text: string): Domain | undefined {
  const { domain, isIcann, isPrivate } = parse(text, OPTIONS);
  return domain !== null && (isIcann || isPrivate) ? parseDomain(domain) : undefined;
}
