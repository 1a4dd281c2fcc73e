import type { Answer, Client, Connection, Edit, Message, Transaction } from "@postern/smtp-filter";
import type { ACTIONS } from "./wire/negotiate.ts";
import type { Modification, Verdict } from "./wire/response.ts";

/*
 * What a milter can do beside what every mail server's filter can. Each type here takes in the one of the port, so an
 * `Open` of the port is an `OpenMilter`: a filter begins portable, and uses what it needs of this.
 */

/**
 * An answer that a milter can give. Beside those of the port: `accept` takes the connection, or the message, and nothing
 * more of it is shown; `discard` takes the message and throws it away; `reject` and `tempfail` refuse in the MTA's own
 * words; `reply` has several lines; `shutdown` ends the session with 421 (Postfix alone).
 */
export type MilterAnswer =
  | Answer
  | Exclude<Verdict, { readonly kind: "skip" | "connection-failed" }>;

/** The answer at the end of a message: only there can it change. */
export type MilterFinal =
  | MilterAnswer
  | { readonly kind: "deliver"; readonly edits: readonly (Edit | Modification)[] };

/** An action that is asked for when the session begins (SMFIF_* of mfapi.h). */
export type MilterAction = Exclude<keyof typeof ACTIONS, "setMacroLists">;

/** A command that an MTA can be asked not to tell of (SMFIP_NO* of mfdef.h). */
export type SparedCommand = "helo" | "data" | "header" | "body" | "unknown";

/** A command of the content that a filter can answer itself; else there is no wait for it. */
export type AnsweredCommand = "header" | "end-of-headers";

/** What a filter is told of its session by a milter, and by no other. */
export interface MilterSession {
  /** The verified name of the client, or its address in brackets: as the MTA says, and only with its word. */
  readonly hostname: string;
  /** Which actions the MTA has granted. */
  readonly granted: ReadonlySet<MilterAction>;
  /**
   * A macro of the MTA as it stands now, with or without its braces: `macro("auth_authen")`. The value may be text of the
   * client, one character for each byte.
   */
  macro(name: string): string | undefined;
  /** Asks the MTA for patience, where it may be asked; it is asked every `progressMs` anyway. */
  progress(): void;
}

/** As `Message` of the port, with the answers of a milter. */
export interface MilterMessage extends Omit<Message, "begun" | "header" | "end"> {
  begun(): Promise<MilterAnswer> | Promise<void>;
  /** A promise is waited for, and its answer given, where the options' `answers` names `header`. */
  // biome-ignore lint/suspicious/noConfusingVoidType: the port's method, which gives nothing, is one of these.
  header(name: Uint8Array, rawValue: Uint8Array): Promise<MilterAnswer> | void;
  /** After the last field, where the options' `answers` names `end-of-headers`. */
  headersEnd?(): Promise<MilterAnswer>;
  end(queueId?: string): Promise<MilterFinal>;
}

/** As `Transaction` of the port. */
export interface MilterTransaction extends Omit<Transaction, "rcpt" | "message"> {
  rcpt(...told: Parameters<Transaction["rcpt"]>): Promise<MilterAnswer>;
  message(): MilterMessage;
}

/** As `Connection` of the port. */
export interface MilterConnection extends Omit<Connection, "greet" | "hello" | "mail"> {
  greet(): Promise<MilterAnswer>;
  hello(...told: Parameters<Connection["hello"]>): Promise<MilterAnswer>;
  mail(
    ...told: Parameters<Connection["mail"]>
  ): Promise<{ readonly answer: MilterAnswer; readonly transaction?: MilterTransaction }>;
}

/** Called for every SMTP connection. */
export type OpenMilter = (client: Client, session: MilterSession) => MilterConnection;

/** What a filter uses of the protocol: the negotiation is made of it. */
export interface MilterUse {
  /** What it does at the end of a message. Default: what the port can, `addHeaders` and `changeHeaders`. */
  readonly uses?: readonly MilterAction[];
  /** Of what it need not be told. Default: nothing. */
  readonly spares?: readonly SparedCommand[];
  /** What it answers beside the rest. Default: nothing, and the MTA does not wait there. */
  readonly answers?: readonly AnsweredCommand[];
}
