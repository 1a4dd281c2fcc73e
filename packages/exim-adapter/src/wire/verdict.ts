import { type Answer, formatReply, replyFromMail } from "@postern/smtp-filter";

/** What Exim is told. */
export type Verdict =
  | { readonly kind: "accept" }
  /** `close`: say it and hang up. */
  | { readonly kind: "reply" | "close"; readonly text: string };

export type Stage = "connect" | "helo" | "mail" | "rcpt" | "quit" | "message";

/** What is told where a failure of our own asks the sender to come back. */
export const TRY_LATER: Extract<Verdict, { kind: "reply" | "close" }> = {
  kind: "reply",
  text: "451 4.3.0 our filter has a problem, please try again later",
};

/** The verdict for an answer of the port. On a 421 or 521 Exim hangs up where it is told to. */
export function verdictOf(stage: Stage, answer: Answer): Verdict {
  if (answer.kind === "continue") return { kind: "accept" };
  const isEarly = stage === "connect" || stage === "helo";
  const text = formatReply(isEarly ? answer.reply : replyFromMail(answer));
  // A reply that no constructor checked must not become an answer that Exim takes for another.
  if (!/^[45]\d\d /.test(text)) return TRY_LATER;
  return { kind: /^[45]21 /.test(text) ? "close" : "reply", text };
}
