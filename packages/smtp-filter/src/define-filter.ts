import type { Answer, Client, Connection, Message, Open, Transaction } from "./port.ts";

/** A filter's side of one SMTP connection: what is left out goes on, and takes no notice. `{}` does nothing. */
export interface FilterConnection extends Partial<Omit<Connection, "mail">> {
  /** Without `transaction` the message passes unseen. */
  mail?(
    ...args: Parameters<Connection["mail"]>
  ): Promise<{ readonly answer: Answer; readonly transaction?: FilterTransaction }>;
}

/** The same of one envelope. */
export interface FilterTransaction extends Partial<Omit<Transaction, "message">> {
  message?(): Partial<Message>;
}

const CONTINUE: Answer = { kind: "continue" };

/** Makes a filter for an adapter of what somebody wrote, who needs no more than he uses. */
export function defineFilter(open: (client: Client) => FilterConnection): Open {
  return (client) => connection(open(client));
}

function connection(filter: FilterConnection): Connection {
  return {
    greet: async () => (await filter.greet?.()) ?? CONTINUE,
    hello: async (name) => (await filter.hello?.(name)) ?? CONTINUE,
    secured: (tls) => filter.secured?.(tls),
    authenticated: (user) => filter.authenticated?.(user),
    misspoke: () => filter.misspoke?.(),
    async mail(from, parameters) {
      const { answer = CONTINUE, transaction: made } =
        (await filter.mail?.(from, parameters)) ?? {};
      return made === undefined ? { answer } : { answer, transaction: transaction(made) };
    },
    close: (why) => filter.close?.(why),
  };
}

function transaction(filter: FilterTransaction): Transaction {
  return {
    rcpt: async (to) => (await filter.rcpt?.(to)) ?? CONTINUE,
    outcome: (to, what) => filter.outcome?.(to, what),
    message: () => message(filter.message?.() ?? {}),
    ended: (how) => filter.ended?.(how),
  };
}

function message(filter: Partial<Message>): Message {
  return {
    begun: async () => await filter.begun?.(),
    header: (name, rawValue) => filter.header?.(name, rawValue),
    // Nobody reads it: the mail server may spare itself the rest.
    body: (chunk) => (filter.body === undefined ? "enough" : filter.body(chunk)),
    end: async (queueId) => (await filter.end?.(queueId)) ?? CONTINUE,
  };
}
