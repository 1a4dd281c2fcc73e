import {
  connectMta,
  type MtaOptions,
  parseListenAddress,
  type Verdict,
} from "@postern/milter-adapter";
import { UsageError } from "../exit-code.ts";

/** What a milter answered, and whether it is alive. */
export interface PingReport {
  readonly text: string;
  readonly isAlive: boolean;
}

/**
 * `postern ping`: one short session with any milter, as Postfix would have it, from the documentation address
 * 192.0.2.1. No mail is sent: the transaction is aborted after RCPT.
 *
 * @throws {UsageError} if the socket cannot be read.
 */
export async function ping(socket: string): Promise<PingReport> {
  const address = parseListenAddress(socket);
  if (address === undefined)
    throw new UsageError(
      `Cannot ping ${socket}: write unix:/path, inet:host:port or inet:port@host`,
    );
  const lines: string[] = [];
  try {
    await using mta = await connectMta(address, { macros: MACROS, silenceMs: 10_000 });
    const { client } = mta;
    const { version, actions, protocol } = client.negotiation;
    lines.push(
      `version ${version}, actions 0x${actions.toString(16)}, protocol 0x${protocol.toString(16)}`,
    );
    const peer = { family: "inet", port: 41_000, address: "192.0.2.1" } as const;
    const steps: readonly [name: string, run: () => Promise<Verdict>][] = [
      ["CONNECT", () => client.connect("[192.0.2.1]", peer)],
      ["HELO", () => client.helo("ping.example.net")],
      ["MAIL", () => client.mail("<ping@example.net>")],
      ["RCPT", () => client.rcpt("<postmaster@example.org>")],
    ];
    for (const [name, run] of steps) {
      const verdict = await run();
      lines.push(`${name}: ${describe(verdict)}`);
      if (verdict.kind !== "continue") break;
    }
    client.abort();
    return { text: `${lines.join("\n")}\n`, isAlive: true };
  } catch (error) {
    lines.push(error instanceof Error ? error.message : String(error));
    return { text: `${lines.join("\n")}\n`, isAlive: false };
  }
}

const MACROS: NonNullable<MtaOptions["macros"]> = {
  connect: [
    ["j", "mx.example.org"],
    ["v", "Postfix 3.7.11"],
    ["{daemon_name}", "ping"],
  ],
};

function describe(verdict: Verdict): string {
  if (verdict.kind !== "reply") return verdict.kind;
  const { code, enhanced, lines } = verdict;
  return [code, ...(enhanced === null ? [] : [enhanced]), lines.join(" ")].join(" ");
}
