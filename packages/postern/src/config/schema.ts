import { type Domain, MODES, type Mode, type Network, parseIpAddress } from "@postern/filter-core";
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
import { parseAnyDomain } from "./unicode-names.ts";
import { domain, list, network, oneOf, strict, text, wholeNumber } from "./values.ts";

type Draft<T> = T | undefined;

/** `postern.yaml` as its schema reads it: absent keys are undefined, defaults and paths come later. */
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
  readonly onFailure?: Draft<FaultAnswer>;
  readonly onDnsDown?: Draft<FaultAnswer>;
  readonly limits?: Draft<{
    readonly connections?: Draft<number>;
    readonly messageDeadlineMs?: Draft<number>;
    readonly stateDeadlineMs?: Draft<number>;
  }>;
}

const faultAnswer = oneOf<FaultAnswer>(["accept", "tempfail"]);

const forwarder: z.ZodType<Forwarder> = strict({
  client: network.optional().describe("The address or network it connects from."),
  arcSealer: domain.optional().describe("The domain that seals its ARC chains (d=)."),
}).transform(({ client, arcSealer }, context) => {
  if (client !== undefined && arcSealer === undefined) return { kind: "client", network: client };
  if (arcSealer !== undefined && client === undefined)
    return { kind: "arc-sealer", domain: arcSealer };
  const message =
    "a forwarder has one of two keys: { client: 198.51.100.7 } or { arcSealer: lists.example.net }";
  context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
  return z.NEVER;
});

/** Every key of `postern.yaml`. Its descriptions are docs/configuration.md. */
export const configDraft: z.ZodType<ConfigDraft> = strict({
  listen: strict({
    milter: listeners
      .optional()
      .describe(
        "Where Postfix and Sendmail connect: `inet:127.0.0.1:8891`, `unix:/run/postern/milter.sock`, an object with options, or a list of these. Default: `inet:127.0.0.1:8891` where `listen` names no socket at all, else nowhere.",
      ),
    exim: listeners
      .optional()
      .describe(
        "Where Exim and notqmail connect: `inet:127.0.0.1:8892`, `unix:/run/postern/exim.sock`, and the same forms as above. Default: nowhere.",
      ),
    learn: unixListeners
      .optional()
      .describe(
        "Where `postern learn` hands over users' marks: `unix:/run/postern/learn.sock`, or an object with `mode` and `group`, which say who may teach. Default: nowhere; `learn` then writes the store itself.",
      ),
  })
    .optional()
    .describe("The sockets of the daemon: exactly those that are named here."),
  state: text<Config["state"]>(parseState)
    .optional()
    .describe(
      'Where history is kept: `sqlite:/path/to.db` (several processes of one host may share it), `redis://host:6379/0` (several hosts), `"memory:"` (lost at a restart), or `none`: nothing is learned. Default: `state.db` in `$STATE_DIRECTORY`, `$XDG_STATE_HOME/postern` or `~/.local/state/postern`, else memory.',
    ),
  dns: strict({
    servers: z
      .array(text<string>(parseServer), { error: "" })
      .min(1, { error: "is empty: name a server, or remove the key to use the system's" })
      .optional()
      .describe(
        'Resolvers to ask, `127.0.0.1`, `"127.0.0.1:5353"`, `"[::1]:53"`. Default: those of the system.',
      ),
    timeoutMs: wholeNumber(50, 8000)
      .optional()
      .describe("How long one question may take, in milliseconds. Default 2000."),
    probe: text<string>((name) =>
      name === "." ? name : (parseAnyDomain(name) ?? { wrong: "is no domain name" }),
    )
      .optional()
      .describe(
        'A name whose NS records are asked for to see whether our own resolver works. Default `"."`, the root.',
      ),
  })
    .optional()
    .describe("How names are looked up."),
  authservId: domain
    .optional()
    .describe(
      "Our name in Authentication-Results; a client that says HELO with it lies. Default: the host's name.",
    ),
  localDomains: list(domain)
    .optional()
    .describe(
      "Domains we take mail for. postmaster@ and abuse@ of them are always reachable. Default: none.",
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
      "`enforce`: verdicts are told. `junk`: what would be refused is marked as junk. `observe`: nothing happens, but the log says what would have. Default `enforce`.",
    ),
  trusted: list(network)
    .optional()
    .describe(
      'Networks that may send as us: nothing is judged. Default `[127.0.0.0/8, "::1/128"]`; a list of your own replaces it.',
    ),
  forwarders: list(forwarder)
    .optional()
    .describe(
      "Hosts that forward mail to us, `{ client: 198.51.100.7 }` or `{ arcSealer: lists.example.net }`: their hop voids debts for spf, dmarc and rdns. Default: none.",
    ),
  submission: strict({
    ports: list(wholeNumber(1, 65_535)).optional().describe("Local ports, `[465, 587]`."),
    daemonNames: list(text<string>(parseDaemonName))
      .optional()
      .describe("Values of the milter macro {daemon_name}, `[ORIGINATING]`."),
  })
    .optional()
    .describe(
      "Where a client may still authenticate, so that nothing is judged before that is known. Default: nowhere.",
    ),
  scores: list(strict({ zone: domain.describe("The zone, `score.senderscore.com`.") }))
    .optional()
    .describe(
      "Zones that give an address a score of 0 to 100 in the last octet of 127.0.4.x. Default: none.",
    ),
  lists: lists
    .optional()
    .describe(
      "DNS lists of good and bad addresses. One counts from its first passed test on. Default: none.",
    ),
  user: text<string>(parseAccount)
    .optional()
    .describe(
      "The account to become after binding, when started as root. Default: stay who we are.",
    ),
  onFailure: faultAnswer
    .optional()
    .describe(
      "The answer where Postern itself fails or misses its deadline: `accept` or `tempfail`. Default `accept`.",
    ),
  onDnsDown: faultAnswer
    .optional()
    .describe(
      "The answer to a message that needs a lookup while our resolver is down: `accept` or `tempfail`. Default `accept`.",
    ),
  limits: strict({
    connections: wholeNumber(1, 10_000)
      .optional()
      .describe("Open connections of mail servers; more are closed at once. Default 2000."),
    stateDeadlineMs: wholeNumber(5, 2000)
      .optional()
      .describe(
        "How long what was learned of a sender may take to be found, in milliseconds; after that mail is judged without it. Default 50.",
      ),
    messageDeadlineMs: wholeNumber(1000, 300_000)
      .optional()
      .describe("How long the end of a message may take, in milliseconds. Default 60000."),
  })
    .optional()
    .describe("What the daemon allows itself."),
});

function parseState(written: string): Config["state"] | { wrong: string } {
  if (written === "memory:" || written === "memory") return { kind: "memory" };
  if (written === "none") return { kind: "none" };
  const path = /^sqlite:([^\0]+)$/.exec(written)?.[1];
  if (path !== undefined && !path.startsWith("//")) return { kind: "sqlite", path };
  if (/^rediss?:\/\//.test(written) && isRedisUrl(written)) return { kind: "redis", url: written };
  return { wrong: 'is no store: write "memory:", sqlite:/path/to.db, redis://host:6379/0 or none' };
}

function isRedisUrl(written: string): boolean {
  const url = URL.parse(written);
  return (
    url !== null &&
    url.hostname !== "" &&
    /^(?:\/\d{0,3})?$/.test(url.pathname) &&
    url.search === "" &&
    url.hash === ""
  );
}

function parseServer(written: string): string | { wrong: string } {
  const alone = written.includes("%") ? undefined : parseIpAddress(written);
  if (alone !== undefined) return alone;
  const [, host = "", digits = ""] = /^(\[[^\]%]*\]|[^:[\]]*):(\d{1,5})$/.exec(written) ?? [];
  const address = parseIpAddress(host);
  const port = Number(digits);
  if (address === undefined || port < 1 || port > 65_535)
    return {
      wrong: 'is no address of a resolver, such as 127.0.0.1, "127.0.0.1:5353" or "[::1]:53"',
    };
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

function parseDaemonName(written: string): string | { wrong: string } {
  return /^[\x21-\x7e]{1,64}$/.test(written)
    ? written
    : { wrong: "is no name of a daemon, such as ORIGINATING" };
}
