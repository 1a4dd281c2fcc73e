import type { Negotiation } from "./negotiate.ts";

/** A packet from the filter. Letters are the SMFIR_* codes of mfdef.h. */
export type Response = Verdict | Modification | { readonly kind: "progress" } | Negotiated;

/** What ends a command. Exactly one of these is due for each command that is answered. */
export type Verdict =
  | { readonly kind: "continue" }
  | { readonly kind: "accept" }
  | { readonly kind: "reject" }
  | { readonly kind: "tempfail" }
  | { readonly kind: "discard" }
  /** No more commands of this kind in this message (version 6). */
  | { readonly kind: "skip" }
  | ReplyVerdict
  /** Postfix only, meant for its own use: sendmail takes it for a broken filter. */
  | { readonly kind: "shutdown" }
  /** Defined in mfdef.h, but no MTA implements it. */
  | { readonly kind: "connection-failed" };

/** A refusal with our own reply text. */
export interface ReplyVerdict {
  readonly kind: "reply";
  /** 400 to 599. */
  readonly code: number;
  /** RFC 3463 code of the same class, or null. It stands on every line. */
  readonly enhanced: string | null;
  /** At least one. */
  readonly lines: readonly string[];
}

/** A change of the message; only between the end of message and its verdict. */
export type Modification =
  | { readonly kind: "add-header"; readonly name: string; readonly value: string }
  /** Index 0 is the very top, above the Received of the MTA itself. */
  | {
      readonly kind: "insert-header";
      readonly index: number;
      readonly name: string;
      readonly value: string;
    }
  /** The nth field of that name as received, from 1. An empty value takes it away. */
  | {
      readonly kind: "change-header";
      readonly ordinal: number;
      readonly name: string;
      readonly value: string;
    }
  | { readonly kind: "replace-body"; readonly chunk: Uint8Array }
  | { readonly kind: "add-recipient"; readonly address: string }
  /** Parameters are one text. null leaves it out, as libmilter does; Stalwart takes that for a broken packet. */
  | {
      readonly kind: "add-recipient-with-parameters";
      readonly address: string;
      readonly parameters: string | null;
    }
  | { readonly kind: "delete-recipient"; readonly address: string }
  | { readonly kind: "change-sender"; readonly address: string; readonly parameters: string | null }
  | { readonly kind: "quarantine"; readonly reason: string };

/** The filter's answer to the offer of the MTA. */
interface Negotiated extends Negotiation {
  readonly kind: "negotiate";
}
