import { type Mailbox, type Transaction, traitsOf } from "@postern/smtp-filter";
import type { Conversation } from "./conversation.ts";
import { openMessage } from "./message.ts";
import type { Settings } from "./settings.ts";

/** So many recipients of one message are kept; what is more is accepted and judged with them. */
const MAX_RECIPIENTS = 10_000;

/** One envelope: the recipients that were let in, in their order. */
export function openTransaction(conversation: Conversation, settings: Settings): Transaction {
  const accepted: Mailbox[] = [];
  const { mailOver, client } = conversation.session;
  const { recipientsAskedAbout } = traitsOf(client.mta.name);
  return {
    async rcpt(to) {
      const answer = await conversation.answer("rcpt", to);
      if (recipientsAskedAbout === "known") conversation.session.recipientWas("known");
      if (answer.kind === "continue" && accepted.length < MAX_RECIPIENTS) accepted.push(to);
      return answer;
    },
    outcome(to, what) {
      const { session } = conversation;
      if (what === "accepted") session.recipientWas("known");
      if (what === "unknown") session.recipientWas("unknown");
      if (what === "unknown") conversation.misconduct("unknownRecipient");
      if (what === "relay") conversation.misconduct("relayAttempt");
      // A recipient that the mail server refused itself has no say in the verdict on the message.
      const at = what === "accepted" ? -1 : accepted.findLastIndex(({ text }) => text === to.text);
      if (at !== -1) accepted.splice(at, 1);
    },
    message: () => openMessage(conversation, accepted, settings),
    ended: () => mailOver.abort(),
  };
}
