import type { MtaName } from "./port.ts";

/** What mail servers do differently, as far as a filter or an adapter has to act on it. */
export interface MtaTraits {
  /** The first stage whose refusal reaches the client with its text. */
  readonly showsTextFrom: "connect" | "helo";
  /** `connect-and-end`: only there, so what others refuse at RCPT is refused at the end of the message. */
  readonly asks: "each-stage" | "connect-and-end";
  /** Whether it has checked that a recipient exists before it asks about him. */
  readonly recipientsAskedAbout: "known" | "any";
  /** The commands during whose answer it lets itself be told that work goes on (SMFIR_PROGRESS). */
  readonly takesProgress: "any-command" | "end-of-message" | "never";
  /** A client whose address it does not tell: one of its own machine, or one whose proxy kept it back. */
  readonly withoutAddress: "local" | "network";
  /** Where the recipients stand that it asks about at the end of a message. */
  readonly envelope: "with-message" | "before-message";
}

/** Postfix 3.7: connect refusals show as a text of its own; PROGRESS resets its wait for any reply. */
const POSTFIX: MtaTraits = {
  showsTextFrom: "helo",
  asks: "each-stage",
  recipientsAskedAbout: "known",
  takesProgress: "any-command",
  withoutAddress: "network",
  envelope: "before-message",
};

/** Sendmail 8.17 takes PROGRESS before the end of a message for a broken filter. What speaks milter is taken for it. */
const SENDMAIL: MtaTraits = {
  ...POSTFIX,
  takesProgress: "end-of-message",
  withoutAddress: "local",
};

/** OpenSMTPD 6.8 to 7.8 asks before it looks up a recipient. */
const OPENSMTPD: MtaTraits = {
  showsTextFrom: "connect",
  asks: "each-stage",
  recipientsAskedAbout: "any",
  takesProgress: "never",
  withoutAddress: "local",
  envelope: "before-message",
};

/** One row for each mail server: no other place compares its name. */
const MTAS: Readonly<Record<MtaName, MtaTraits>> = {
  postfix: POSTFIX,
  sendmail: SENDMAIL,
  milter: SENDMAIL,
  opensmtpd: OPENSMTPD,
  // Exim 4.96 writes the recipients into the copy that it hands to the scanner.
  exim: { ...OPENSMTPD, envelope: "with-message" },
  // qmail-smtpd of notqmail 1.09 has hooks for a connection and for a message, and none between.
  notqmail: { ...OPENSMTPD, asks: "connect-and-end" },
};

/** The row of a mail server. */
export function traitsOf(name: MtaName): MtaTraits {
  return MTAS[name];
}
