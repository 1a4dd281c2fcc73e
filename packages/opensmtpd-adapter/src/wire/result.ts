import { type Answer, formatReply, unreachable } from "@postern/filter-core";

/** Formats the answer to one filter request (smtpd-filters(7), protocol 0.5 and later), with its line end. */
export function formatResult(session: string, token: string, answer: Answer): string {
  const result = `filter-result|${session}|${token}|`;
  switch (answer.kind) {
    case "continue":
      return `${result}proceed\n`;
    case "refuse":
      // smtpd disconnects by itself on a 421 (6.8); any other refusal leaves the session open.
      return `${result}reject|${formatReply(answer.reply)}\n`;
    default:
      return unreachable(answer);
  }
}
