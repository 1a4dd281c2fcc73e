import { getRandomValues } from "node:crypto";
import type { Clock } from "@postern/smtp-filter";
import { type DnsAnswer, type DnsFault, fault } from "../answer/answer.ts";
import type { Ask } from "../answer/question.ts";
import type { ProbeResult } from "../layers/breaker.ts";
import { readServers, type ServerAddress } from "./server-address.ts";
import { sendOverTcp, sendOverUdp } from "./transports.ts";
import { type Edns, encodeQuestion } from "./wire/encode-question.ts";
import { readAnswer } from "./wire/read-answer.ts";
import type { AskedType } from "./wire/types.ts";

export interface StubResolverOptions {
  /** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:53`; default the system's, read once. */
  readonly servers?: readonly string[];
  /** What one question may take, over all servers. */
  readonly timeoutMs: number;
  /** A name whose NS records the resolver must be able to answer for. */
  readonly probeName: string;
}

export interface StubResolver {
  readonly ask: Ask;
  /** Whether any server says anything at all, and whether that is more than an error. */
  probe(): Promise<ProbeResult>;
  /** Ends every question under way with the fault `closed`. */
  close(): void;
}

/**
 * What can be in a question: all that a name has as itself where it is written. Names with a local part in them, by a macro
 * of SPF, have `+` and `=`.
 */
const ASKABLE = /^[!#%&'*+,\-./0-9:<=>?[\]^_`a-z{|}~]+$/;

/** So many packets with another id are an attempt to guess ours (RFC 5452 section 9.1). */
const MAX_STRAYS = 20;

/**
 * A stub resolver (RFC 1034 section 5.3.1): asks resolvers over UDP, one packet for each question and server, and over
 * TCP where the answer does not fit.
 *
 * The packets are our own: what node:dns gives of an answer are bare values. With c-ares 1.34.8 these were those of any
 * owner, of packets that were no response, and of TCP answers that were still truncated.
 *
 * @throws {TypeError} if a server is not an address.
 */
export function openStubResolver(options: StubResolverOptions, clock: Clock): StubResolver {
  const servers = readServers(options.servers);
  /** Ends a question under way. */
  const running = new Set<(why: DnsFault) => void>();
  const probeName = options.probeName === "." ? "" : options.probeName.toLowerCase();
  let preferred = 0;
  let isClosed = false;

  const askServer = (
    server: ServerAddress,
    name: string,
    type: AskedType,
    untilMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DnsAnswer> => {
    if (isClosed) return Promise.resolve(fault("closed"));
    if (signal?.aborted) return Promise.resolve(fault("cancelled"));
    return new Promise((resolve) => {
      let strays = 0;
      let stop = (): void => {};
      const end = (answer: DnsAnswer): void => {
        stop();
        cancelDeadline();
        signal?.removeEventListener("abort", onAbort);
        running.delete(endFor);
        resolve(answer);
      };
      const endFor = (why: DnsFault): void => end(fault(why));
      const onAbort = (): void => endFor("cancelled");
      const cancelDeadline = clock.after(untilMs - clock.nowMs(), () => endFor("timeout"));
      signal?.addEventListener("abort", onAbort, { once: true });
      running.add(endFor);

      const send = (transport: "UDP" | "TCP", edns: Edns): void => {
        stop();
        const sent = { id: newId(), name, type };
        const onPacket = (received: Buffer): void => {
          const reading = readAnswer(received, sent);
          switch (reading.kind) {
            case "answer":
              end(reading.answer);
              break;
            case "truncated":
              if (transport === "UDP") send("TCP", edns);
              else endFor("bad answer");
              break;
            case "not understood":
              if (edns === "EDNS") send(transport, "plain");
              else end(reading.answer);
              break;
            default:
              strays += 1;
              if (transport === "TCP" || strays > MAX_STRAYS) endFor("bad answer");
          }
        };
        const sender = transport === "UDP" ? sendOverUdp : sendOverTcp;
        const onError = (error: Error): void => endFor(faultOf(error));
        stop = sender(server, encodeQuestion(sent, edns), { onPacket, onError });
      };
      send("UDP", "EDNS");
    });
  };

  /** Begins with the server that answered last; each one gets its share of the time left. */
  const ask = async (
    name: string,
    type: AskedType,
    untilMs: number,
    signal?: AbortSignal,
  ): Promise<DnsAnswer> => {
    const first = preferred;
    let answer = fault("timeout");
    for (let i = 0; i < servers.length; i += 1) {
      const index = (first + i) % servers.length;
      const server = servers[index];
      if (server === undefined) break;
      const shareMs = (untilMs - clock.nowMs()) / (servers.length - i);
      answer = await askServer(server, name, type, clock.nowMs() + shareMs, signal);
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
      const answer = await ask(probeName, "NS", clock.nowMs() + options.timeoutMs);
      if (isSilence(answer)) return "silent";
      return answer.status === "temperror" ? "errors" : "answers";
    },
    close: () => {
      isClosed = true;
      for (const end of running) end("closed");
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

function faultOf(error: Error): DnsFault {
  return "code" in error && UNREACHABLE.has(error.code) ? "unreachable" : "network error";
}

const UNREACHABLE: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
]);

const ids = new Uint16Array(512);
let nextId = ids.length;

/** Drawn by chance: who does not see the question cannot know it (RFC 5452 section 4.3). */
function newId(): number {
  if (nextId === ids.length) {
    getRandomValues(ids);
    nextId = 0;
  }
  nextId += 1;
  return ids[nextId - 1] ?? 0;
}
