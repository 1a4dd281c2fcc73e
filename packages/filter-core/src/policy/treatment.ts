import type { Mailbox } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import { findEntry } from "./client-list.ts";
import type { Mode } from "./mode.ts";
import type { Policy } from "./policy.ts";

/** How mail to one recipient is treated. */
export interface Treatment {
  readonly mode: Mode;
  /** `open`: a client must always be able to reach postmaster@ and abuse@ (RFC 5321 section 4.5.1). */
  readonly door: "guarded" | "open";
}

/** The treatment of a recipient: the first recipients entry that matches, else the policy's mode. */
export function treatmentOf(to: Mailbox, facts: Facts, policy: Policy): Treatment {
  const entry = findEntry(policy.recipients, { ...facts, recipients: [to] });
  return { mode: entry?.mode ?? policy.mode, door: isOpenDoor(to, facts) ? "open" : "guarded" };
}

function isOpenDoor({ localPart, domain, text }: Mailbox, { site }: Facts): boolean {
  const name = localPart.toLowerCase();
  if (text === localPart) return name === "postmaster";
  return (
    (name === "postmaster" || name === "abuse") &&
    domain !== null &&
    site.localDomains.includes(domain)
  );
}
