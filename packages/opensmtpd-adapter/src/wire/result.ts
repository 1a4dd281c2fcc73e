import { type Answer, formatReply, unreachable } from "@postern/smtp-filter";
import { encodeResult } from "./encode.ts";

/** Formats the answer to one filter request (smtpd-filters(7), protocol 0.5 and later), with its line end. */
export function formatResult(session: string, token: string, answer: Answer): string {
  const addressee = { version: "0.5", session, token };
  switch (answer.kind) {
    case "continue":
      return encodeResult(addressee, { kind: "proceed" });
    case "refuse":
      // smtpd disconnects by itself on a 421 (6.8); any other refusal leaves the session open.
      return encodeResult(addressee, { kind: "reject", reply: formatReply(answer.reply) });
    default:
      return unreachable(answer);
  }
}
