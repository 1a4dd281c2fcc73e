import { Resolver as Channel } from "node:dns/promises";
import { parseIpAddress } from "@postern/filter-core";
import type { Clock } from "../clock.ts";
import type { ProbeResult } from "./breaker.ts";
import type { Ask } from "./question.ts";
import { type DnsAnswer, type DnsFault, fault, found, type RecordType } from "./resolver.ts";

export interface NodeResolverOptions {
  /** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:53`; default the system's, read once. */
  readonly servers?: readonly string[];
  /** What one question may take, over all servers. */
  readonly timeoutMs: number;
  /** A name whose NS records the resolver must be able to answer for. */
  readonly probeName: string;
}

export interface NodeResolver {
  readonly ask: Ask;
  /** Whether any server says anything at all, and whether that is more than an error. */
  probe(): Promise<ProbeResult>;
  /** Ends every question under way with the fault `closed`. */
  close(): void;
}

/** A TXT record above this is no mail policy (SECURITY.md T6). */
const MAX_RECORD_BYTES = 16 * 1024;

/** The letters c-ares lets into a question. Nothing that mail authentication needs lies outside. */
const ASKABLE = /^[a-z0-9_./*-]+$/;

/**
 * Asks over node:dns (c-ares), one packet for each question and server.
 *
 * Each question has a channel of its own. A shared one adapts its timeout to the answers it saw: with c-ares
 * 1.34.8 and a quick resolver it gives up on a slow zone after 250 ms to 1 s instead of `timeoutMs`, and sends
 * many questions from one port. A fresh channel has a fresh source port and can be cancelled alone; it costs
 * 70 us more.
 *
 * @throws {TypeError} if a server is not an address.
 */
export function openNodeResolver(options: NodeResolverOptions, clock: Clock): NodeResolver {
  const servers = readServers(options.servers);
  const channels = new Set<Channel>();
  let preferred = 0;
  let isClosed = false;

  const askServer = async (
    server: string,
    name: string,
    type: RecordType | "NS",
    untilMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DnsAnswer> => {
    if (isClosed) return fault("closed");
    if (signal?.aborted) return fault("cancelled");
    const { timeoutMs } = options;
    const channel = new Channel({ timeout: timeoutMs, maxTimeout: timeoutMs, tries: 1 });
    const { promise, resolve } = Promise.withResolvers<DnsAnswer>();
    const end = (why: DnsFault): void => {
      resolve(fault(why));
      channel.cancel();
    };
    const onAbort = (): void => end("cancelled");
    const cancelDeadline = clock.after(untilMs - clock.nowMs(), () => end("timeout"));
    signal?.addEventListener("abort", onAbort, { once: true });
    channels.add(channel);
    query(channel, server, name, type).then(resolve, (error) => resolve(answerOfError(error)));
    try {
      return await promise;
    } finally {
      cancelDeadline();
      signal?.removeEventListener("abort", onAbort);
      channels.delete(channel);
    }
  };

  /** Begins with the server that answered last; each one gets its share of the time left. */
  const ask = async (
    name: string,
    type: RecordType | "NS",
    untilMs: number,
    signal?: AbortSignal,
  ): Promise<DnsAnswer> => {
    const first = preferred;
    let answer = fault("timeout");
    for (let i = 0; i < servers.length; i += 1) {
      const index = (first + i) % servers.length;
      const shareMs = (untilMs - clock.nowMs()) / (servers.length - i);
      answer = await askServer(servers[index] ?? "", name, type, clock.nowMs() + shareMs, signal);
      if (isClosed || signal?.aborted) break;
      if (!isUnhelpful(answer)) {
        preferred = index;
        break;
      }
    }
    return answer;
  };

  return {
    ask: ({ name, type, untilMs, signal }) =>
      ASKABLE.test(name)
        ? ask(name, type, untilMs, signal)
        : Promise.resolve({ status: "none", reason: "nxdomain" }),
    probe: async () => {
      const answer = await ask(options.probeName, "NS", clock.nowMs() + options.timeoutMs);
      if (isSilence(answer)) return "silent";
      return answer.status === "temperror" ? "errors" : "answers";
    },
    close: () => {
      isClosed = true;
      for (const channel of channels) channel.cancel();
    },
  };
}

/** Whether the next server should be asked. After SERVFAIL not: a laxer server must not overrule a validating one. */
function isUnhelpful(answer: DnsAnswer): boolean {
  return isSilence(answer) || (answer.status === "temperror" && answer.detail === "refused");
}

function isSilence(answer: DnsAnswer): boolean {
  if (answer.status !== "temperror") return false;
  return ["timeout", "unreachable", "network error", "closed"].includes(answer.detail);
}

function readServers(servers: readonly string[] | undefined): readonly string[] {
  if (servers === undefined || servers.length === 0) return new Channel().getServers();
  for (const server of servers) {
    try {
      new Channel().setServers([server]);
    } catch (cause) {
      throw new TypeError(
        `Cannot use DNS server ${JSON.stringify(server)}: allowed are an IP address, or one with a port as in "127.0.0.1:5353" and "[::1]:5353"`,
        { cause },
      );
    }
  }
  return servers;
}

async function query(
  channel: Channel,
  server: string,
  name: string,
  type: RecordType | "NS",
): Promise<DnsAnswer> {
  channel.setServers([server]);
  const records = await recordsOf(channel, name, type);
  return records.every((record) => record.length <= MAX_RECORD_BYTES)
    ? found(records)
    : fault("bad answer");
}

async function recordsOf(
  channel: Channel,
  name: string,
  type: RecordType | "NS",
): Promise<readonly string[]> {
  switch (type) {
    case "A":
      return channel.resolve4(name);
    case "AAAA":
      return (await channel.resolve6(name)).map((text) => parseIpAddress(text) ?? text);
    case "PTR":
      return channel.resolvePtr(name);
    case "CNAME":
      return channel.resolveCname(name);
    case "NS":
      return channel.resolveNs(name);
    case "MX":
      return (await channel.resolveMx(name)).map((mx) => `${mx.priority} ${mx.exchange || "."}`);
    case "TXT":
      return (await channel.resolveTxt(name)).map((strings) => strings.join(""));
  }
}

/** What c-ares calls its outcomes (`ares_strerror(3)`, node:dns "Error codes"). */
function answerOfError(error: unknown): DnsAnswer {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOTFOUND") return { status: "none", reason: "nxdomain" };
  if (code === "ENODATA") return { status: "none", reason: "nodata" };
  return fault(FAULTS[String(code)] ?? "network error");
}

const FAULTS: Readonly<Record<string, DnsFault>> = {
  ETIMEOUT: "timeout",
  ESERVFAIL: "servfail",
  EREFUSED: "refused",
  ENOTIMP: "refused",
  EFORMERR: "bad answer",
  EBADRESP: "bad answer",
  EBADNAME: "bad answer",
  ECONNREFUSED: "unreachable",
  ECANCELLED: "closed",
};
