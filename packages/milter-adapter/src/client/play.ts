import type { ListenAddress } from "@postern/smtp-filter/serve";
import type { Macro, Peer } from "../wire/command.ts";
import type { Modification, Verdict } from "../wire/response.ts";
import type { Stage } from "../wire/stage.ts";
import { type ConnectOptions, connectMta } from "./connect.ts";
import type { MilterClient } from "./mta.ts";
import { splitMessage } from "./split-message.ts";

/** One message and its envelope. */
export interface ScriptedTransaction {
  /** The sender without angle brackets; empty for the null sender. */
  readonly mail: string;
  readonly parameters?: readonly string[];
  readonly recipients: readonly string[];
  /** CRLF or LF. Without it the transaction is aborted after the recipients. */
  readonly message?: Uint8Array;
}

/** One SMTP conversation, as an MTA tells it to a filter. */
export interface ScriptedConversation extends ScriptedTransaction {
  readonly connect: {
    /** The verified name, or the address in brackets. */
    readonly hostname: string;
    /** null where the MTA knows none; with a slash it is the path of a unix socket. */
    readonly address: string | null;
    /** Default 41,000: with port 0 a loopback address is local mail. */
    readonly port?: number;
  };
  readonly helo: string;
  /** By stage; long names with or without their braces. */
  readonly macros?: Readonly<Partial<Record<Stage, Readonly<Record<string, string>>>>>;
}

/** The filter's answers, in order; commands it does not answer are left out. */
export interface PlayedStage {
  readonly stage: "connect" | "helo" | "mail" | "rcpt" | "data" | "message";
  readonly verdict: Verdict;
  readonly recipient?: string;
}

export interface Played {
  readonly stages: readonly PlayedStage[];
  /** What the filter wants changed. */
  readonly modifications: readonly Modification[];
}

/**
 * Plays a conversation to a filter and stops where an MTA would: at any verdict on the connection, the HELO or the
 * sender that is not `continue`, at a 421, and before DATA if no recipient was taken.
 *
 * @throws {Error} if the filter cannot be reached, is late, leaves, or breaks the protocol.
 */
export async function playConversation(
  address: ListenAddress,
  conversation: ScriptedConversation,
  options: Omit<ConnectOptions, "macros"> = {},
): Promise<Played> {
  const macros = Object.entries(conversation.macros ?? {}).map(([stage, values]) => [
    stage,
    Object.entries(values).map(braced),
  ]);
  await using mta = await connectMta(address, { ...options, macros: Object.fromEntries(macros) });
  const { client } = mta;
  const { hostname } = conversation.connect;
  const connected = await client.connect(hostname, peerOf(conversation.connect));
  const stages: PlayedStage[] = [{ stage: "connect", verdict: connected }];
  if (!isOn(connected)) return { stages, modifications: [] };
  const greeted = await client.helo(conversation.helo);
  stages.push({ stage: "helo", verdict: greeted });
  if (!isOn(greeted)) return { stages, modifications: [] };
  const sent = await sendMessage(client, conversation);
  return { stages: [...stages, ...sent.stages], modifications: sent.modifications };
}

/**
 * Plays one transaction, after HELO.
 *
 * @throws {Error} as {@link playConversation}.
 */
export async function sendMessage(
  client: MilterClient,
  transaction: ScriptedTransaction,
): Promise<Played> {
  const { mail, parameters = [], recipients, message } = transaction;
  const stages: PlayedStage[] = [];
  let modifications: readonly Modification[] = [];
  const isTold = (stage: PlayedStage["stage"], verdict: Verdict): boolean => {
    stages.push({ stage, verdict });
    return isOn(verdict);
  };
  const envelope = async (): Promise<boolean> => {
    if (!isTold("mail", await client.mail(`<${mail}>`, parameters))) return false;
    let taken = 0;
    for (const recipient of recipients) {
      const verdict = await client.rcpt(`<${recipient}>`);
      stages.push({ stage: "rcpt", verdict, recipient });
      if (isOn(verdict)) taken += 1;
      else if (!isRefusal(verdict) || isDisconnect(verdict)) return false;
    }
    return taken > 0 && message !== undefined && isTold("data", await client.data());
  };
  const content = async (): Promise<void> => {
    const { fields, body } = splitMessage(message ?? new Uint8Array());
    for (const { name, value } of fields) {
      const verdict = await client.header(name, value);
      if (!isOn(verdict)) return void isTold("message", verdict);
    }
    for (const step of [() => client.endOfHeaders(), () => client.body(body)]) {
      const verdict = await step();
      if (!isOn(verdict)) return void isTold("message", verdict);
    }
    const outcome = await client.endOfMessage();
    isTold("message", outcome.verdict);
    modifications = outcome.modifications;
  };
  if (await envelope()) await content();
  client.abort();
  return { stages, modifications };
}

function isOn({ kind }: Verdict): boolean {
  return kind === "continue" || kind === "skip";
}

/** Of one recipient; the transaction goes on with the next. */
function isRefusal({ kind }: Verdict): boolean {
  return kind === "reply" || kind === "reject" || kind === "tempfail";
}

function isDisconnect(verdict: Verdict): boolean {
  return verdict.kind === "reply" && (verdict.code === 421 || verdict.code === 521);
}

function peerOf({ address, port = 41_000 }: ScriptedConversation["connect"]): Peer {
  if (address === null) return { family: "unknown" };
  if (address.includes("/")) return { family: "unix", path: address };
  return { family: address.includes(":") ? "inet6" : "inet", port, address };
}

function braced([name, value]: readonly [string, string]): Macro {
  return [name.length > 1 && !name.startsWith("{") ? `{${name}}` : name, value];
}
