/** What an operator may want to know. Bytes that came from a client appear only as hexadecimal digits. */
export type FilterEvent =
  /** An invalid protocol line; it was ignored. */
  | { readonly kind: "unreadable-line"; readonly why: string; readonly firstBytesHex: string }
  /** A line longer than any of smtpd's; what it belongs to is refused. */
  | { readonly kind: "line-cut"; readonly firstBytesHex: string }
  /** smtpd speaks a version that was never released with this order of fields; answers are in its order. */
  | { readonly kind: "old-protocol"; readonly version: string }
  /** What smtpd says does not go with what it said before; it was answered where an answer is due. */
  | { readonly kind: "out-of-order"; readonly session: string; readonly what: string }
  /** Our bug: a second answer to one request, which was not sent. */
  | { readonly kind: "double-answer"; readonly session: string; readonly phase: string }
  /** The engine did not answer in time. The configured answer was given. */
  | { readonly kind: "deadline"; readonly what: string; readonly deadlineMs: number }
  /** The answer that came after all; it was dropped. */
  | { readonly kind: "late-answer" }
  /** The engine could not answer. The configured answer was given. */
  | { readonly kind: "engine-failed"; readonly what: string }
  /** The message was not held whole, and is refused. */
  | {
      readonly kind: "message-limit";
      readonly session: string;
      readonly why: "lines" | "line-length" | "storage";
    }
  | { readonly kind: "spool-error"; readonly error: unknown }
  /** A field with an invalid name. */
  | { readonly kind: "edit-dropped"; readonly name: string }
  /** A refusal that no request was left to be answered with. */
  | { readonly kind: "untold-refusal"; readonly session: string; readonly reply: string }
  /** More sessions than the table has room for; they pass unseen. */
  | { readonly kind: "over-limit"; readonly limit: number }
  /** Sessions that smtpd never closed. */
  | { readonly kind: "forgotten"; readonly sessions: number }
  /** A bug of this package; what was pending got the configured answer. */
  | { readonly kind: "internal-error"; readonly error: unknown };
