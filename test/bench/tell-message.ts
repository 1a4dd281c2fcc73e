import { connectMta, type ListenAddress, type Verdict } from "@postern/milter-adapter";

/** A message as a mail server hands it to a filter. */
export interface BenchMessage {
  /** Name and value; folds are LF, as Postfix tells them. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** Who sends. */
export const SENDER = {
  address: "192.0.2.10",
  name: "mail.example.com",
  mailFrom: "ann@example.com",
} as const;

/**
 * Plays one whole conversation, as Postfix does for a client that sends one message.
 * @returns the Authentication-Results that the filter inserts, in one line; "none" without.
 * @throws {Error} if the message is not let in.
 */
export async function tellMessage(
  address: ListenAddress,
  { fields, body }: BenchMessage,
): Promise<string> {
  await using mta = await connectMta(address, {
    silenceMs: 60_000,
    macros: { connect: [["v", "Postfix 3.7.11"]], mail: [["i", "4ABC"]] },
  });
  const { client } = mta;
  const peer = { family: "inet", port: 41_000, address: SENDER.address } as const;
  const taken = (stage: string, verdict: Verdict): void => {
    if (verdict.kind !== "continue" && verdict.kind !== "skip" && verdict.kind !== "accept")
      throw new Error(`Cannot go on after ${stage}: ${JSON.stringify(verdict)}`);
  };
  taken("connect", await client.connect(SENDER.name, peer));
  taken("helo", await client.helo(SENDER.name));
  taken("mail", await client.mail(`<${SENDER.mailFrom}>`));
  taken("rcpt", await client.rcpt("<bob@example.org>"));
  taken("data", await client.data());
  for (const [name, value] of fields) taken(name, await client.header(name, value));
  taken("end of headers", await client.endOfHeaders());
  taken("body", await client.body(body));
  const { verdict, modifications } = await client.endOfMessage();
  taken("message", verdict);
  const results = modifications.flatMap((change) =>
    change.kind === "insert-header" && change.name === "Authentication-Results"
      ? [change.value.replaceAll(/\s+/g, " ").trim()]
      : [],
  );
  return results.join(" / ") || "none";
}
