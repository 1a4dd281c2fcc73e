import type { ReversePath } from "../names.ts";
import type { Answer, Client, Connection, Final, Message, Open, Transaction } from "../port.ts";

/** What a scripted port does; what is left out continues, and delivers without edits. */
export interface PortScript {
  readonly open?: (client: Client) => void;
  /** What `calls` says of a client. Default: its address. */
  readonly describeClient?: (client: Client) => string;
  /** What `calls` says of a piece of the body. Default: its text. */
  readonly describeBody?: (chunk: Uint8Array) => string | number;
  readonly greet?: () => Promise<Answer>;
  readonly hello?: (name: string) => Promise<Answer>;
  /** `unseen`: let in without a transaction. */
  readonly mail?: (from: string) => Promise<Answer | "unseen">;
  readonly rcpt?: (to: string) => Promise<Answer>;
  readonly message?: () => void;
  readonly begun?: () => Promise<void>;
  readonly header?: (name: Uint8Array, rawValue: Uint8Array) => void;
  readonly body?: (chunk: Uint8Array) => ReturnType<Message["body"]>;
  readonly end?: () => Promise<Final>;
  readonly ended?: () => void;
  readonly close?: () => void;
}

const CONTINUE: Answer = { kind: "continue" };

/** A port that notes every call, as one line of text in `calls`, and does as the script says. */
export function scriptedPort(calls: string[], script: PortScript): Open {
  return (client) => {
    calls.push(`open ${script.describeClient?.(client) ?? client.address}`);
    script.open?.(client);
    return connection(calls, script);
  };
}

function connection(calls: string[], script: PortScript): Connection {
  return {
    async greet() {
      calls.push("greet");
      return (await script.greet?.()) ?? CONTINUE;
    },
    async hello(name) {
      calls.push(`hello ${name}`);
      return (await script.hello?.(name)) ?? CONTINUE;
    },
    secured: ({ version }) => calls.push(`secured ${version}`),
    authenticated: (user) => calls.push(`authenticated ${user}`),
    misspoke: () => calls.push("misspoke"),
    async mail(from, parameters) {
      calls.push(["mail", pathText(from), ...parameters].join(" "));
      const answer = (await script.mail?.(pathText(from))) ?? CONTINUE;
      if (answer === "unseen") return { answer: CONTINUE };
      return answer.kind === "continue"
        ? { answer, transaction: transaction(calls, script) }
        : { answer };
    },
    close(why) {
      calls.push(`close ${why}`);
      script.close?.();
    },
  };
}

function transaction(calls: string[], script: PortScript): Transaction {
  return {
    async rcpt(to) {
      calls.push(`rcpt ${to.text}`);
      return (await script.rcpt?.(to.text)) ?? CONTINUE;
    },
    outcome: (to, what) => calls.push(`outcome ${to.text} ${what}`),
    message() {
      calls.push("message");
      script.message?.();
      return message(calls, script);
    },
    ended(how) {
      calls.push(`ended ${how}`);
      script.ended?.();
    },
  };
}

function message(calls: string[], script: PortScript): Message {
  return {
    async begun() {
      await script.begun?.();
    },
    header(name, rawValue) {
      calls.push(`header ${latin1(name)}:${latin1(rawValue)}`);
      script.header?.(name, rawValue);
    },
    body(chunk) {
      calls.push(`body ${script.describeBody?.(chunk) ?? latin1(chunk)}`);
      return script.body?.(chunk);
    },
    async end() {
      calls.push("end");
      return (await script.end?.()) ?? { kind: "deliver", edits: [] };
    },
  };
}

function pathText(from: ReversePath): string {
  return from === "null-sender" ? "<>" : from.text;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
