import type { IpAddress } from "./ip-address.ts";
import type { ByteText, Mailbox, ReversePath } from "./names.ts";
import type { Reply } from "./reply.ts";

/** The answer to the mail server at one stage. */
export type Answer =
  | { readonly kind: "continue" }
  | {
      readonly kind: "refuse";
      readonly reply: Reply;
      /** The whole SMTP session ends with this reply, a 421, whatever else is under way. */
      readonly ends?: "session";
    };

/** The answer at the end of a message. Only here can headers change. */
export type Final = Answer | { readonly kind: "deliver"; readonly edits: readonly Edit[] };

/**
 * A change of the header. Edits are in the order in which they are to be applied: removals first, from the
 * highest ordinal of a name down (RFC 8601 section 5), then insertions, the topmost field last.
 */
export type Edit =
  /** Puts a field at the very top. A folded value has LF and white space. */
  | { readonly kind: "insert"; readonly name: string; readonly value: string }
  /** Removes the nth field of a name, counted from 1 from the top as received, ignoring case. */
  | { readonly kind: "remove"; readonly name: string; readonly ordinal: number };

export type MtaName = "postfix" | "sendmail" | "opensmtpd" | "exim" | "notqmail" | "milter";

/** The mail server that asks. `milter`: any other that uses the milter protocol. */
export interface Mta {
  readonly name: MtaName;
  readonly version: string | null;
}

/** Who connected, as the mail server says. */
export interface Client {
  /** null where the MTA gave none, or one that cannot be read. */
  readonly address: IpAddress | null;
  readonly port: number | null;
  /** `local`: handed in on the machine itself (sendmail command, unix socket). */
  readonly origin: "network" | "local";
  /** The address and port the client connected to. */
  readonly localAddress: IpAddress | null;
  readonly localPort: number | null;
  /** The name the MTA gives its listener (`{daemon_name}`). */
  readonly daemonName: string | null;
  readonly mta: Mta;
}

/** What is known of an encrypted session; null where the MTA does not say. */
export interface Tls {
  readonly version: string | null;
}

/** Called by an adapter for every SMTP connection; filter-runtime provides it. */
export type Open = (client: Client) => Connection;

/**
 * One SMTP connection. No method rejects: a failed lookup is a fact, an internal error gives the configured answer.
 * What may not happen at a stage cannot be written there.
 */
export interface Connection {
  greet(): Promise<Answer>;
  /** HELO or EHLO; may come again, the last one counts. */
  hello(name: ByteText): Promise<Answer>;
  secured(tls: Tls): void;
  authenticated(user: ByteText): void;
  /** The client sent an unknown command, if the MTA reports it. */
  misspoke(): void;
  /** Ends a transaction that is still open. Without `transaction` the sender was refused. */
  mail(
    from: ReversePath,
    parameters: readonly ByteText[],
  ): Promise<{ readonly answer: Answer; readonly transaction?: Transaction }>;
  /** Once; cancels whatever is pending. */
  close(why: "quit" | "lost" | "aborted"): void;
}

/** `unknown`: the recipient does not exist. `relay`: not our domain, and the client may not relay. */
export type RecipientOutcome = "accepted" | "unknown" | "relay" | "refused";

export interface Transaction {
  rcpt(to: Mailbox): Promise<Answer>;
  /** The outcome of a recipient, if the MTA reports it. */
  outcome(to: Mailbox, what: RecipientOutcome): void;
  /** At DATA, or at the first header where the MTA shows no DATA. */
  message(): Message;
  /** Once, if the MTA reports it. */
  ended(how: "queued" | "refused" | "aborted"): void;
}

/** One message, in the order of its bytes: headers, then the body, then its end. */
export interface Message {
  /** Resolves when DATA may be answered: a slowed client waits here. */
  begun(): Promise<void>;
  /** One field. `rawValue` is what follows the colon, folds as LF, a leading space kept where the MTA keeps it. */
  header(name: Uint8Array, rawValue: Uint8Array): void;
  /**
   * A stretch of the body, with CRLF line ends, cut anywhere. `enough`: the rest is not needed; an adapter spares the
   * mail server sending it, where it can. A promise is back-pressure: no more before it resolves. The chunk is lent:
   * its bytes are good until this returns, or the promise has resolved.
   */
  body(chunk: Uint8Array): "enough" | void | Promise<void>;
  /** @param queueId the mail server's own name for the message, where it tells; at most for the log. */
  end(queueId?: ByteText): Promise<Final>;
}
