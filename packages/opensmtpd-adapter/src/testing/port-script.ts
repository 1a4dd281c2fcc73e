import type {
  Answer,
  Client,
  Connection,
  Final,
  Message,
  Open,
  Transaction,
} from "@postern/smtp-filter";

/** What a scripted port does; what is left out continues, and delivers without edits. */
export interface PortScript {
  readonly open?: (client: Client) => void;
  readonly greet?: () => Promise<Answer>;
  readonly hello?: (name: string) => Promise<Answer>;
  readonly mail?: (from: string) => Promise<Answer>;
  readonly rcpt?: (to: string) => Promise<Answer>;
  readonly message?: () => void;
  readonly begun?: () => Promise<void>;
  readonly header?: () => void;
  readonly body?: (chunk: Uint8Array) => "enough" | void | Promise<void>;
  readonly end?: () => Promise<Final>;
}

const CONTINUE: Answer = { kind: "continue" };

/** A port that notes every call, as one line of text in `calls`, and does as the script says. */
export function scriptedPort(calls: string[], script: PortScript): Open {
  return (client) => {
    const { address, port, origin, localAddress, localPort } = client;
    calls.push(`open ${address} ${port} ${origin} ${localAddress} ${localPort}`);
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
    async mail(from) {
      const text = from === "null-sender" ? "<>" : from.text;
      calls.push(`mail ${text}`);
      const answer = (await script.mail?.(text)) ?? CONTINUE;
      return answer.kind === "continue"
        ? { answer, transaction: transaction(calls, script) }
        : { answer };
    },
    close: (why) => calls.push(`close ${why}`),
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
    ended: (how) => calls.push(`ended ${how}`),
  };
}

function message(calls: string[], script: PortScript): Message {
  return {
    async begun() {
      await script.begun?.();
    },
    header(name, rawValue) {
      calls.push(`header ${latin1(name)}:${latin1(rawValue)}`);
      script.header?.();
    },
    body(chunk) {
      calls.push(`body ${latin1(chunk)}`);
      return script.body?.(chunk);
    },
    async end() {
      calls.push("end");
      return (await script.end?.()) ?? { kind: "deliver", edits: [] };
    },
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
