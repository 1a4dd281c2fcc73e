import { proxyV2Header } from "../mta/proxy-header.ts";
import type { Step } from "../mta/smtp-steps.ts";
import type { Scenario } from "./scenario.ts";

/** What the proxy says before all else of a row's client. */
export function proxied({ client }: Pick<Scenario, "client">): Step {
  const bytes = proxyV2Header({
    source: client.ip,
    sourcePort: 41_000,
    destinationPort: client.listener === "submission" ? 587 : 25,
  });
  return { kind: "raw", bytes, replies: 0 };
}

/** A row's conversation, from the banner on. */
export function stepsOf(
  scenario: Pick<Scenario, "client" | "helo" | "from" | "rcpt" | "message">,
): readonly Step[] {
  const { client, helo, from, rcpt, message } = scenario;
  const login = Buffer.from(`\0${client.user}\0secret`).toString("base64");
  return [
    { kind: "banner" },
    { kind: "ehlo", name: helo },
    ...(client.user === undefined ? [] : [{ kind: "line", text: `AUTH PLAIN ${login}` } as const]),
    { kind: "mail", from, ...(/[^ -~]/.test(from) ? { parameters: "SMTPUTF8" } : {}) },
    ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
    { kind: "data", message },
    { kind: "quit" },
  ];
}
