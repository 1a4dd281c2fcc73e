import type { Client, Connection, Open } from "@postern/smtp-filter";
import { Conversation } from "./conversation.ts";
import type { Settings } from "./settings.ts";
import { openTransaction } from "./transaction.ts";

/**
 * Makes the function that adapters call for each SMTP connection.
 *
 * @param settings asked once for each connection: after a reload, new connections get the new ones.
 */
export function createOpen(settings: () => Settings): Open {
  return (client) => openConnection(client, settings());
}

function openConnection(client: Client, settings: Settings): Connection {
  const conversation = new Conversation(client, settings);
  const { session } = conversation;
  return {
    async greet() {
      const overBudget = conversation.overBudget("connect", []);
      if (overBudget !== null) return overBudget;
      session.connect();
      return conversation.answer("connect");
    },
    async hello(name) {
      const overBudget = conversation.overBudget("helo", []);
      if (overBudget !== null) return overBudget;
      session.helo(name);
      return conversation.answer("helo");
    },
    secured: () => session.secured(),
    authenticated: () => session.authenticated(),
    misspoke: () => conversation.misconduct("brokenSmtp"),
    async mail(from) {
      const overBudget = conversation.overBudget("mail", []);
      if (overBudget !== null) return { answer: overBudget };
      session.mail(from);
      const answer = await conversation.answer("mail");
      if (answer.kind === "refuse") return { answer };
      return { answer, transaction: openTransaction(conversation, settings) };
    },
    close: () => conversation.end(),
  };
}
