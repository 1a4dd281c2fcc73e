import { connectMta, parseListenAddress, type Verdict } from "@postern/milter-adapter";
import { messageOf } from "./clients.ts";
import type { OpenTell } from "./show.ts";

/** The same six clients, told to the daemon by our own MTA side. */
export const tellByMilter: OpenTell = async (address) => {
  const parsed = parseListenAddress(address);
  if (parsed === undefined) throw new Error(`Cannot connect to ${address}`);
  return {
    async tell(demoClient) {
      const { ip, helo, from } = demoClient;
      await using mta = await connectMta(parsed, {
        macros: { connect: [["v", "Postfix 3.7.11"]] },
      });
      const { client } = mta;
      const [head = "", body = ""] = messageOf(demoClient).split("\r\n\r\n");
      const steps: readonly [name: string, run: () => Promise<Verdict>][] = [
        ["CONNECT", () => client.connect(`[${ip}]`, { family: "inet", port: 41_000, address: ip })],
        ["EHLO", () => client.helo(helo)],
        ["MAIL", () => client.mail(`<${from}>`)],
        ["RCPT", () => client.rcpt("<bob@example.org>")],
        ["DATA", () => client.data()],
        ...head.split(/\r\n(?![ \t])/).map((field): [string, () => Promise<Verdict>] => {
          const colon = field.indexOf(":");
          return [
            "header",
            () =>
              client.header(field.slice(0, colon), field.slice(colon + 1).replaceAll("\r\n", "\n")),
          ];
        }),
        ["body", () => client.endOfHeaders()],
        ["body", () => client.body(Buffer.from(body))],
      ];
      for (const [name, run] of steps) {
        const told = refusal(await run());
        if (told !== undefined) return [`told after ${name}: ${told}`];
      }
      const { verdict, modifications } = await client.endOfMessage();
      const told = refusal(verdict);
      if (told !== undefined) return [`told after the message: ${told}`];
      const inserted = modifications.flatMap((change) =>
        change.kind === "insert-header"
          ? [`  ${change.name}:${change.value.replaceAll(/\n\s*/g, " ")}`]
          : [],
      );
      return ["let in, with on top:", ...inserted.toReversed()];
    },
    async [Symbol.asyncDispose]() {},
  };
};

function refusal(verdict: Verdict): string | undefined {
  if (verdict.kind === "continue" || verdict.kind === "skip") return undefined;
  if (verdict.kind !== "reply") return verdict.kind;
  const { code, enhanced, lines } = verdict;
  return [code, ...(enhanced === null ? [] : [enhanced]), ...lines].join(" ");
}
