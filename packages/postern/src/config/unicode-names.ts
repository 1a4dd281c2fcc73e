import { domainToASCII } from "node:url";
import type { NamePattern } from "@postern/filter-core";
import { type Domain, parseDomain } from "@postern/smtp-filter";

/** A domain as an administrator writes it, `bücher.example` included (RFC 5891 section 4). */
export function parseAnyDomain(written: string): Domain | undefined {
  // domainToASCII follows browsers: it would read 0x7f.1 as an address and %41 as A.
  if (/^[\x21-\x7e]*$/.test(written)) return parseDomain(written);
  if (/[\s%/\\@:[\]?#]/u.test(written)) return undefined;
  return parseDomain(domainToASCII(written));
}

/** `example.com`, `*.example.com`, or the same with other letters than ASCII. */
export function parseAnyNamePattern(written: string): NamePattern | undefined {
  const isBelow = written.startsWith("*.");
  const name = parseAnyDomain(isBelow ? written.slice(2) : written);
  return name === undefined ? undefined : { name, scope: isBelow ? "below" : "itself" };
}

/**
 * An envelope address as an administrator writes it, as the bytes of a client that uses it: one character for
 * each UTF-8 byte of the local part (RFC 6532), A-labels behind the `@`.
 */
export function parseAnyAddress(written: string): string | undefined {
  if (written.length > 320 || /[\p{Cc}\s<>]/u.test(written)) return undefined;
  const at = written.lastIndexOf("@");
  if (at === -1) return written.toLowerCase() === "postmaster" ? written : undefined;
  const name = parseAnyDomain(written.slice(at + 1));
  const localPart = Buffer.from(written.slice(0, at), "utf8").toString("latin1");
  return name === undefined || localPart === "" || localPart === "*"
    ? undefined
    : `${localPart}@${name}`;
}
