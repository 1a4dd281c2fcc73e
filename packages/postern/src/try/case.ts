import { type DnsScript, parseDnsScript } from "@postern/dns";
import {
  type Client,
  type Mailbox,
  type MtaName,
  parseIpAddress,
  parseMailbox,
  parseReversePath,
  type ReversePath,
} from "@postern/smtp-filter";
import { z } from "zod";
import { describeProblems } from "./problems.ts";
import { type Remembered, remembered } from "./remembered.ts";

/** One conversation to try: a line of `try --jsonl`, or what the options of `try` say. */
export interface Case {
  readonly client: Client;
  readonly tls: boolean | null;
  readonly user: string | null;
  readonly helo: string | null;
  /** undefined: there is no MAIL stage. */
  readonly from: ReversePath | undefined;
  readonly recipients: readonly Mailbox[];
  readonly message: Uint8Array | null;
  /** Milliseconds since 1970; null: now. */
  readonly nowMs: number | null;
  /** null: the real DNS. */
  readonly dns: DnsScript | null;
  /** Whether our own resolver answers, of a scripted DNS. */
  readonly resolver: "up" | "down";
  /** What a store would say of the client and the message. */
  readonly remembered: Remembered;
}

const MTAS = [
  "postfix",
  "sendmail",
  "opensmtpd",
  "exim",
  "notqmail",
  "milter",
] as const satisfies readonly MtaName[];

const port = z.int().min(0).max(65_535).nullish();

const schema = z.strictObject({
  id: z.unknown().optional(),
  client: z.strictObject({
    ip: z.string(),
    port,
    tls: z.boolean().nullish(),
    auth: z.string().nullish(),
    localPort: port,
    mta: z.enum(MTAS).nullish(),
  }),
  helo: z.string().nullish(),
  from: z.string().nullish(),
  rcpt: z.array(z.string()).nullish(),
  message: z.string().nullish(),
  messageBase64: z.base64().nullish(),
  now: z.iso.datetime({ offset: true }).nullish(),
  dns: z.unknown().optional(),
  // Of the scripted DNS; the real one is asked.
  resolver: z.enum(["up", "down"]).nullish(),
  // What a store would say; without either there is none.
  reputation: z.record(z.string(), z.number().min(0).max(100)).nullish(),
  complaints: z
    .record(z.string(), z.strictObject({ inbox: z.number().min(0), spam: z.number().min(0) }))
    .nullish(),
  seen: z.enum(["first", "retry"]).nullish(),
});

/**
 * Reads one conversation (docs/commands.md). Text is Unicode here and bytes inside: UTF-8, one character each.
 *
 * @throws {SyntaxError} with the key, the value and what is allowed.
 */
export function parseCase(value: unknown): Case {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SyntaxError(describeProblems(parsed.error));
  const { client, helo, from, rcpt, message, messageBase64, now, dns } = parsed.data;
  const { reputation, complaints, seen } = parsed.data;
  const address = parseIpAddress(client.ip);
  if (address === undefined)
    throw new SyntaxError(`client.ip: ${JSON.stringify(client.ip)} is not an IP address`);
  if (typeof message === "string" && typeof messageBase64 === "string")
    throw new SyntaxError("message, messageBase64: give one of the two, not both");
  return {
    client: {
      address,
      port: client.port ?? null,
      origin: "network",
      localAddress: null,
      localPort: client.localPort ?? null,
      daemonName: null,
      mta: { name: client.mta ?? "postfix", version: null },
    },
    tls: client.tls ?? null,
    user: client.auth ?? null,
    helo: typeof helo === "string" ? bytesOf(helo) : null,
    from: typeof from === "string" ? parseReversePath(bytesOf(from)) : undefined,
    recipients: (rcpt ?? []).map((text) => parseMailbox(bytesOf(text))),
    message: readMessage(message ?? null, messageBase64 ?? null),
    nowMs: typeof now === "string" ? Date.parse(now) : null,
    dns: dns === undefined || dns === null ? null : parseDnsScript(dns),
    resolver: parsed.data.resolver ?? "up",
    remembered: remembered(reputation ?? null, seen ?? null, complaints ?? null),
  };
}

function readMessage(text: string | null, base64: string | null): Uint8Array | null {
  if (base64 !== null) return Buffer.from(base64, "base64");
  return text === null ? null : Buffer.from(text, "utf8");
}

function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
