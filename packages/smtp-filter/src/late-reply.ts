import type { Answer } from "./port.ts";
import type { Reply } from "./reply.ts";

/** What a reply that ends the SMTP session becomes where it must not: 421 by RFC 5321 section 3.8, 521 by RFC 7504. */
const STAYING: Readonly<Record<number, number>> = { 421: 451, 521: 550 };

/**
 * The reply of a refusal from MAIL on. One that ends the session would cut off other recipients and messages (Postfix
 * hangs up on 421 and 521, OpenSMTPD on 421, Exim where our ACLs tell it to), so it becomes one that does not, unless
 * the filter means the session itself.
 */
export function replyFromMail({ reply, ends }: Extract<Answer, { kind: "refuse" }>): Reply {
  return ends === "session" ? reply : stayingReply(reply);
}

/** The same for a reply alone. */
export function stayingReply(reply: Reply): Reply {
  const code = STAYING[reply.code];
  return code === undefined ? reply : ({ ...reply, code } as Reply);
}
