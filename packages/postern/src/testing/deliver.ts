import { randomBytes } from "node:crypto";
import { createOpen, keepMarkKey } from "@postern/filter-runtime";
import { systemClock } from "@postern/smtp-filter";
import type { StateStore } from "@postern/state-store";
import type { Config } from "../config/config-types.ts";
import { parseCase } from "../try/case.ts";
import { splitMessage } from "../try/split-message.ts";
import { openTrySettings } from "../try/try-settings.ts";

/** An honest message of example.com from 192.0.2.1, with all its DNS. */
export const HONEST: Readonly<Record<string, unknown>> = {
  client: { ip: "192.0.2.1", mta: "postfix" },
  helo: "mail.example.com",
  from: "a@example.com",
  rcpt: ["b@example.org"],
  message: `From: a@example.com\nDate: ${new Date().toUTCString()}\nMessage-ID: <1@example.com>\n\nhello\n`,
  dns: {
    "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
    "mail.example.com": { A: ["192.0.2.1"] },
    "example.com": {
      TXT: ["v=spf1 ip4:192.0.2.1 -all"],
      A: ["192.0.2.1"],
      MX: ["10 mail.example.com"],
    },
    "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
  },
};

/** Who has proved to have sent it. */
export const HONEST_KEYS: readonly string[] = [
  "author:a@example.com",
  "domain:example.com",
  "spf:example.com",
  "address:192.0.2.1",
  "network:192.0.2.0/24",
];

/**
 * For tests: the header of a message as a daemon delivers it, by this configuration and the key of this store.
 *
 * @param value as in `try --jsonl`.
 * @param nowMs when it is judged.
 */
export async function deliver(
  config: Config,
  store: StateStore,
  value: unknown = HONEST,
  nowMs: number = Date.now(),
): Promise<string> {
  const keeper = keepMarkKey(store, systemClock);
  await keeper.agree();
  if (keeper.current() === undefined) throw new Error("the store did not give its key in time");
  const input = parseCase(value);
  using opened = openTrySettings(config, { ...input, nowMs }, null);
  const settings = {
    ...opened.settings,
    markKey: keeper.current,
    newId: () => randomBytes(8).toString("hex"),
  };
  const connection = createOpen(() => settings)(input.client);
  await connection.greet();
  await connection.hello(input.helo ?? "");
  const { transaction } = await connection.mail(input.from ?? "null-sender", []);
  for (const to of input.recipients) await transaction?.rcpt(to);
  const message = transaction?.message();
  const { headers, body } = splitMessage(input.message ?? Buffer.alloc(0));
  for (const { name, rawValue } of headers) message?.header(name, rawValue);
  await message?.body(body);
  const final = await message?.end();
  connection.close("quit");
  if (final?.kind !== "deliver") throw new Error(`not delivered: ${JSON.stringify(final)}`);
  const ours = final.edits.flatMap((edit) =>
    edit.kind === "insert" ? [`${edit.name}: ${edit.value}`] : [],
  );
  return [...ours.reverse(), "Subject: hello"].join("\n");
}
