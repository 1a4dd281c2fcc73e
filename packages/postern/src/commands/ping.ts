import {
  connectMta,
  type MtaOptions,
  parseListenAddress,
  type Verdict,
} from "@postern/milter-adapter";
import { UsageError } from "../exit-code.ts";

/** What a milter answered, as far as it did. */
export interface PingReport {
  readonly text: string;
  /** `--json`: docs/commands.md. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Why the session did not come to its end; null: it did, the milter is alive. */
  readonly error: string | null;
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
  let spoken: Negotiated | null = null;
  const answers: Answer[] = [];
  const report = (error: string | null): PingReport => ({
    text: textOf(spoken, answers),
    json: {
      isAlive: error === null,
      version: spoken?.version ?? null,
      actions: spoken?.actions ?? null,
      protocol: spoken?.protocol ?? null,
      answers,
      error,
    },
    error,
  });
  try {
    await using mta = await connectMta(address, { macros: MACROS, silenceMs: 10_000 });
    const { client } = mta;
    spoken = client.negotiation;
    const peer = { family: "inet", port: 41_000, address: "192.0.2.1" } as const;
    const steps: readonly [name: string, run: () => Promise<Verdict>][] = [
      ["CONNECT", () => client.connect("[192.0.2.1]", peer)],
      ["HELO", () => client.helo("ping.example.net")],
      ["MAIL", () => client.mail("<ping@example.net>")],
      ["RCPT", () => client.rcpt("<postmaster@example.org>")],
    ];
    for (const [command, run] of steps) {
      const verdict = await run();
      answers.push({ command, answer: describe(verdict) });
      if (verdict.kind !== "continue") break;
    }
    client.abort();
    return report(null);
  } catch (error) {
    return report(error instanceof Error ? error.message : String(error));
  }
}

interface Answer {
  readonly command: string;
  /** `continue`, `accept`, or a reply: `550 5.7.1 ...`. */
  readonly answer: string;
}

interface Negotiated {
  readonly version: number;
  readonly actions: number;
  readonly protocol: number;
}

function textOf(spoken: Negotiated | null, answers: readonly Answer[]): string {
  if (spoken === null) return "";
  const { version, actions, protocol } = spoken;
  const lines = [
    `version ${version}, actions 0x${actions.toString(16)}, protocol 0x${protocol.toString(16)}`,
    ...answers.map(({ command, answer }) => `${command}: ${answer}`),
  ];
  return `${lines.join("\n")}\n`;
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
