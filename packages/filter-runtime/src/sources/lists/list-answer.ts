import type { DnsAnswer, DnsFault } from "@postern/dns";
import { addressBytes, type IpAddress } from "@postern/smtp-filter";
import type { LabelsOf } from "./list-codes.ts";

/** Why a list is not believed. */
export type ListFault =
  /** 127.255.255.x: a typing error in the zone, an open resolver, or our quota is used up. */
  | "it refuses our questions"
  /** Somebody bought the zone's name, or a resolver on the way invents answers. */
  | "it answers outside 127.0.0.0/8"
  /** Every list has this entry (RFC 5782 section 5): without it the zone is gone. */
  | "it does not list 127.0.0.2"
  | "it lists 127.0.0.1"
  /** A wildcard: how lists are ended whose users do not leave. */
  | "it lists everyone"
  /** It spares everybody else: only clients that are known to be good here can tell. */
  | "it lists clients that are known to be good here";

/** One answer of a list, read. */
export type Reading =
  /** Without labels: for a reason that the site did not ask about. */
  | { readonly kind: "listed"; readonly labels: readonly string[] }
  | { readonly kind: "none" }
  | { readonly kind: "temperror"; readonly detail: DnsFault }
  /** No list that works says that, of anybody. */
  | { readonly kind: "wrong"; readonly fault: ListFault };

/** Reads what a list answers to a question for A records (RFC 5782 section 2.1). Total. */
export function readListAnswer(answer: DnsAnswer<IpAddress>, labelsOf: LabelsOf): Reading {
  if (answer.status === "temperror") return { kind: "temperror", detail: answer.detail };
  if (answer.status === "none") return { kind: "none" };
  const answers = answer.value.map(addressBytes);
  if (answers.some(([a, b, c]) => a === 127 && b === 255 && c === 255))
    return { kind: "wrong", fault: "it refuses our questions" };
  if (answers.some(([a]) => a !== 127))
    return { kind: "wrong", fault: "it answers outside 127.0.0.0/8" };
  return { kind: "listed", labels: labelsOf(answers) };
}

/** Whether it would count against a client. */
export function isEvidence(reading: Reading): boolean {
  return reading.kind === "listed" && reading.labels.length > 0;
}
