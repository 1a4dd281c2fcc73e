import type { ExpectedLog } from "./log-fields.ts";

/** How a cell of the table is filled: by the real thing, by our own stand-in, or not, with the reason. */
export type Cell = "real" | "fake" | `n/a: ${string}`;

/** One conversation and what must become of it, on every front. */
export interface Scenario {
  readonly id: string;
  readonly client: {
    readonly ip: string;
    readonly user?: string;
    readonly listener?: "mx" | "submission";
    /** Whether it encrypts on a listener where another client has. Default: nobody does. */
    readonly tls?: "used" | "unused";
  };
  readonly helo: string;
  readonly from: string;
  readonly rcpt: readonly string[];
  readonly message: string;
  /** The whole DNS, as in `try --jsonl`. */
  readonly dns: Readonly<Record<string, unknown>>;
  /** Keys of postern.yaml beside listen and dns. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What a store knows; without it there is none. */
  readonly remembered?: {
    /** By identity, 0 to 100. */
    readonly reputation: Readonly<Record<string, number>>;
    /** By identity, what users did with its mail. */
    readonly complaints?: Readonly<
      Record<string, { readonly inbox: number; readonly spam: number }>
    >;
    /** Whether this delivery was tried before. */
    readonly seen: "first" | "retry";
  };
  readonly expect: {
    readonly action: "accept" | "junk" | "tempfail" | "reject";
    readonly rule: string | null;
    /** The reply line as the policy has it; null: 250. */
    readonly reply: string | null;
    /** Where a client of Postfix reads it. */
    readonly shownAt?: "EHLO" | "MAIL" | "RCPT" | "message";
    /** Must fit on the header of what is delivered; null: must not be delivered. */
    readonly headers?: readonly RegExp[];
    readonly absentHeaders?: readonly RegExp[];
    /** A line of the log must have these fields. */
    readonly log: ExpectedLog;
  };
  readonly cells: Readonly<Record<Front, Cell>>;
}

/** Who plays the table: the command, our own MTA's side of the milter protocol, and the mail servers. */
export type Front =
  | "try"
  | "milter"
  | "postfix"
  | "sendmail"
  | "opensmtpd"
  | "exim"
  | "eximBh"
  | "notqmail";
