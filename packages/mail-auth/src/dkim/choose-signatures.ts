import type { AuthorFact } from "@postern/filter-core";
import type { Domain } from "@postern/smtp-filter";
import type { HeaderRow } from "../mailauth/mailauth.ts";
import { readSignatureField, type SignatureField } from "./signature-field.ts";

/** Verified are so many; so many more are named in the results; the others are not read. */
const MAX_VERIFIED = 5;
const MAX_NAMED = 10;
/** An attacker's signatures on top must not hide the author's own below them. */
const MAX_READ = 100;

export interface ChosenSignatures {
  readonly verify: readonly SignatureField[];
  readonly leave: readonly SignatureField[];
}

/** Which signatures to verify: those of the author's domain or its relatives first, then from the top down. */
export function chooseSignatures(rows: readonly HeaderRow[], author: AuthorFact): ChosenSignatures {
  const fields = rows
    .filter(({ key }) => key === "dkim-signature")
    .slice(0, MAX_READ)
    .map(readSignatureField);
  const isAligned = ({ domain }: SignatureField): boolean =>
    author.status === "one" && domain !== null && areRelated(domain, author.domain);
  const inOrder = [
    ...fields.filter(isAligned),
    ...fields.filter((field) => !isAligned(field)),
  ].slice(0, MAX_NAMED);
  const usable = inOrder.filter(({ isBounded }) => isBounded).slice(0, MAX_VERIFIED);
  return { verify: usable, leave: inOrder.filter((field) => !usable.includes(field)) };
}

/** Whether two domains may belong together. Only decides who is looked at first. */
function areRelated(a: Domain, b: Domain): boolean {
  return a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`) || top(a) === top(b);
}

function top(domain: Domain): string {
  return domain.split(".").slice(-2).join(".");
}
