import { type Answer, formatReply } from "@postern/smtp-filter";

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

/**
 * The verdict for an answer of the port. At CONNECT and HELO 421 and 521 end the session, as meant; from MAIL on they
 * would cut off other recipients and messages, so they become 451 and 550.
 */
export function verdictOf(stage: Stage, answer: Answer): Verdict {
  if (answer.kind === "continue") return { kind: "accept" };
  const text = formatReply(answer.reply);
  // A reply that no constructor checked must not become an answer that Exim takes for another.
  if (!/^[45]\d\d /.test(text)) return TRY_LATER;
  const endsSession = stage === "connect" || stage === "helo" || answer.ends === "session";
  if (!endsSession) return { kind: "reply", text: staying(text) };
  return { kind: /^[45]21 /.test(text) ? "close" : "reply", text };
}

function staying(text: string): string {
  if (text.startsWith("421 ")) return `451 ${text.slice(4)}`;
  return text.startsWith("521 ") ? `550 ${text.slice(4)}` : text;
}
