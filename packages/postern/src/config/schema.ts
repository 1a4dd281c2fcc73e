import { MODES, type Mode } from "@postern/filter-core";
import { type Domain, type Network, parseIpAddress } from "@postern/smtp-filter";
import { z } from "zod";
import type { Config, FaultAnswer, Forwarder, List } from "./config-types.ts";
import { lists } from "./list-schema.ts";
import {
  type ListenerDraft,
  listeners,
  parseAccount,
  type UnixListenerDraft,
  unixListeners,
} from "./listener.ts";
import { type PolicyDraft, policyDraft } from "./policy-schema.ts";
import { parseState } from "./state.ts";
import { parseAnyDomain } from "./unicode-names.ts";
import { domain, list, network, oneOf, strict, text, wholeNumber } from "./values.ts";

type Draft<T> = T | undefined;

/** `postern.yaml` as its schema reads it, before defaults are filled in and paths are resolved. */
export interface ConfigDraft {
  readonly listen?: Draft<{
    readonly milter?: Draft<readonly ListenerDraft[]>;
    readonly exim?: Draft<readonly ListenerDraft[]>;
    readonly learn?: Draft<readonly UnixListenerDraft[]>;
  }>;
  readonly state?: Draft<Config["state"]>;
  readonly dns?: Draft<{
    readonly servers?: Draft<readonly string[]>;
    readonly timeoutMs?: Draft<number>;
    readonly probe?: Draft<string>;
  }>;
  readonly authservId?: Draft<Domain>;
  readonly localDomains?: Draft<readonly Domain[]>;
  readonly policy?: Draft<string | PolicyDraft>;
  readonly mode?: Draft<Mode>;
  readonly trusted?: Draft<readonly Network[]>;
  readonly forwarders?: Draft<readonly Forwarder[]>;
  readonly submission?: Draft<{
    readonly ports?: Draft<readonly number[]>;
    readonly daemonNames?: Draft<readonly string[]>;
  }>;
  readonly scores?: Draft<readonly { readonly zone: Domain }[]>;
  readonly lists?: Draft<readonly List[]>;
  readonly user?: Draft<string>;
  readonly pidFile?: Draft<string>;
  readonly onFailure?: Draft<FaultAnswer>;
  readonly onDnsDown?: Draft<FaultAnswer>;
  readonly log?: Draft<{ readonly time?: Draft<boolean> }>;
  readonly limits?: Draft<{
    readonly connections?: Draft<number>;
    readonly pendingMiB?: Draft<number>;
    readonly messageDeadlineMs?: Draft<number>;
    readonly stateDeadlineMs?: Draft<number>;
    readonly sessionCpuMs?: Draft<number>;
    readonly networkCpuMs?: Draft<number>;
  }>;
}

const faultAnswer = oneOf<FaultAnswer>(["accept", "tempfail"]);

const forwarder: z.ZodType<Forwarder> = strict({
  client: network.optional().describe("The IP address or network it connects from."),
  arcSealer: domain.optional().describe("The domain in d= of its ARC seals."),
}).transform(({ client, arcSealer }, context) => {
  if (client !== undefined && arcSealer === undefined) return { kind: "client", network: client };
  if (arcSealer !== undefined && client === undefined)
    return { kind: "arc-sealer", domain: arcSealer };
  const message =
    "a forwarder needs exactly one key: { client: 198.51.100.7 } or { arcSealer: lists.example.net }";
  context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
  return z.NEVER;
});

/** Every key of `postern.yaml`. Its descriptions are docs/configuration.md. */
export const configDraft: z.ZodType<ConfigDraft> = strict({
  listen: strict({
    milter: listeners
      .optional()
      .describe(
        "Where Postfix and Sendmail connect: `inet:127.0.0.1:8891`, `unix:/run/postern/milter.sock`, a map with options, or a list of these. Default: `inet:127.0.0.1:8891` if `listen` names no socket at all, otherwise none.",
      ),
    exim: listeners
      .optional()
      .describe(
        "Where Exim and notqmail connect: `inet:127.0.0.1:8892`, `unix:/run/postern/exim.sock`, in the same forms as `listen.milter`. Default: none.",
      ),
    learn: unixListeners
      .optional()
      .describe(
        "Where `postern learn` hands over users' marks: `unix:/run/postern/learn.sock`, or an object with `mode` and `group`, which say who may teach. Default: nowhere; `learn` then writes the store itself.",
      ),
  })
    .optional()
    .describe("The sockets that the daemon listens on: exactly those named here."),
  state: text<Config["state"]>(parseState)
    .optional()
    .describe(
      'Where learned reputation is kept: `sqlite:/path/to.db` (shared by processes on one host), `redis://host:6379/0` (shared by several hosts), `"memory:"` (lost at a restart), or `none` (nothing is learned). Default: `state.db` in `$STATE_DIRECTORY`, `$XDG_STATE_HOME/postern` or `~/.local/state/postern`; if that cannot be written, memory.',
    ),
  dns: strict({
    servers: z
      .array(text<string>(parseServer), { error: "" })
      .min(1, { error: "is empty: name a server, or remove the key to use the system's resolvers" })
      .optional()
      .describe(
        'DNS resolvers, such as `127.0.0.1`, `"127.0.0.1:5353"` or `"[::1]:53"`. Default: those of the system.',
      ),
    timeoutMs: wholeNumber(50, 8000)
      .optional()
      .describe("Timeout of one DNS query, in milliseconds. Default 2000."),
    probe: text<string>((name) =>
      name === "." ? name : (parseAnyDomain(name) ?? { wrong: "must be a domain name" }),
    )
      .optional()
      .describe(
        'A name whose NS records are queried to test whether the resolver works. Default `"."`, the root.',
      ),
  })
    .optional()
    .describe("DNS lookups."),
  authservId: domain
    .optional()
    .describe(
      "Our name in Authentication-Results. A client that uses it in HELO is refused. Default: the host name.",
    ),
  localDomains: list(domain)
    .optional()
    .describe(
      "Domains that this server receives mail for. Their postmaster@ and abuse@ addresses always stay reachable. Default: none.",
    ),
  policy: z
    .union([z.string({ error: "" }), policyDraft])
    .optional()
    .describe(
      "What is refused, marked and accepted: `postmaster-2026`, `poolp-2019`, the path of a policy file, or a policy written here, `{ extends: postmaster-2026, refuseAt: mail }`. Default `postmaster-2026`.",
    ),
  mode: oneOf<Mode>(MODES)
    .optional()
    .describe(
      "`enforce`: decisions are applied. `junk`: mail that would be refused is marked as junk instead. `observe`: all mail is accepted, and the log shows what would have happened. Default `enforce`.",
    ),
  trusted: list(network)
    .optional()
    .describe(
      'Networks whose mail is never judged, such as your own hosts. Default `[127.0.0.0/8, "::1/128"]`; your list replaces it.',
    ),
  forwarders: list(forwarder)
    .optional()
    .describe(
      "Hosts that forward mail to this server, `{ client: 198.51.100.7 }` or `{ arcSealer: lists.example.net }`. For mail they relay, Postern ignores what [policy.md](policy.md#forwarders) names. Default: none.",
    ),
  submission: strict({
    ports: list(wholeNumber(1, 65_535)).optional().describe("Local ports, such as `[465, 587]`."),
    daemonNames: list(text<string>(parseDaemonName))
      .optional()
      .describe("Values of the milter macro {daemon_name}, such as `[ORIGINATING]`."),
  })
    .optional()
    .describe(
      "Ports and daemons where clients authenticate: nothing is judged until it is known whether the client did. Default: none.",
    ),
  scores: list(strict({ zone: domain.describe("The zone, `score.senderscore.com`.") }))
    .optional()
    .describe(
      "DNS zones that give an IP address a score of 0 to 100 in the last octet of 127.0.4.x. Default: none.",
    ),
  lists: lists
    .optional()
    .describe(
      "DNSBLs and DNSWLs. A list is used after its first successful self-test. Default: none.",
    ),
  user: text<string>(parseAccount)
    .optional()
    .describe(
      "The user to drop privileges to after binding the sockets, when started as root. Default: keep the current user.",
    ),
  pidFile: text<string>((path) =>
    /^[^\0]*[^/\0]$/.test(path) ? path : { wrong: "must be the path of a file" },
  )
    .optional()
    .describe(
      "A file that `serve` writes its process id to, such as `/run/postern/postern.pid`; removed when it ends. Default: none.",
    ),
  log: strict({
    time: z
      .boolean({ error: "" })
      .optional()
      .describe(
        "Whether each line of the log ends in its time. Default: yes, but not in systemd's journal nor under smtpd, which add their own.",
      ),
  })
    .optional()
    .describe("How the log is written."),
  onFailure: faultAnswer
    .optional()
    .describe(
      "The reply when Postern itself fails or misses its deadline: `accept` or `tempfail`. Default `accept`.",
    ),
  onDnsDown: faultAnswer
    .optional()
    .describe(
      "The reply to a message that needs a lookup while the resolver is down: `accept` or `tempfail`. Default `accept`.",
    ),
  limits: strict({
    connections: wholeNumber(1, 10_000)
      .optional()
      .describe(
        "Maximum number of open connections on each socket for mail servers. At most half of them may be connections that have said nothing yet: past that, the longest silent is closed for the next. Where every place is taken, new connections are closed. Default 2000.",
      ),
    pendingMiB: wholeNumber(16, 65_536)
      .optional()
      .describe(
        "How much mail that is not judged yet all connections together may hold in memory, in MiB: unfinished packets and requests, envelopes, headers. Past it, the connection that holds the most is closed. Bodies are not kept, so 128 KiB per connection are ample. Default: 128 KiB for each of `connections`, but at least 64 MiB and at most 1024; with 2000 connections, 250.",
      ),
    stateDeadlineMs: wholeNumber(5, 2000)
      .optional()
      .describe(
        "How long to wait for learned reputation, in milliseconds; after that, mail is judged without it. Default 50.",
      ),
    messageDeadlineMs: wholeNumber(1000, 300_000)
      .optional()
      .describe(
        "Deadline for the verdict at the end of a message, in milliseconds. Default 60000.",
      ),
    sessionCpuMs: wholeNumber(1, 60_000)
      .optional()
      .describe(
        "How much work one SMTP session from outside may cause in a minute, in milliseconds of one core, estimated from what it makes Postern do; past it the reply is 421 with `rule=fault.budget` ([operate.md](operate.md#sessions-that-cost-too-much)). At most 60000. Default 30000.",
      ),
    networkCpuMs: wholeNumber(1, 60_000)
      .optional()
      .describe(
        "The same for all sessions of a client network (an IPv4 /24, an IPv6 /48) together; at least `sessionCpuMs`. At most 60000. Default 45000.",
      ),
  })
    .optional()
    .describe("Limits of the daemon."),
});

function parseServer(written: string): string | { wrong: string } {
  const alone = written.includes("%") ? undefined : parseIpAddress(written);
  if (alone !== undefined) return alone;
  const [, host = "", digits = ""] = /^(\[[^\]%]*\]|[^:[\]]*):(\d{1,5})$/.exec(written) ?? [];
  const address = parseIpAddress(host);
  const port = Number(digits);
  if (address === undefined || port < 1 || port > 65_535)
    return {
      wrong: 'must be the address of a resolver, such as 127.0.0.1, "127.0.0.1:5353" or "[::1]:53"',
    };
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function parseDaemonName(written: string): string | { wrong: string } {
  return /^[\x21-\x7e]{1,64}$/.test(written)
    ? written
    : { wrong: "must be the name of a daemon, such as ORIGINATING" };
}
