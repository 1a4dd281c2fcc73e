import { MODES, type Mode } from "@postern/filter-core";
import { z } from "zod";
import { dnsKeys } from "./dns-keys.ts";
import { forwarder } from "./forwarder.ts";
import { group, key, keyOr, required } from "./key.ts";
import { limitKeys } from "./limit-keys.ts";
import { lists } from "./list-schema.ts";
import { listenKeys } from "./listen-keys.ts";
import { account, LOOPBACK } from "./listener.ts";
import { policyDraft } from "./policy-schema.ts";
import { stateKey } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";
import {
  domain,
  list,
  matching,
  network,
  oneOf,
  resolvePath,
  strict,
  wholeNumber,
} from "./values.ts";

/** A value that is known once its surroundings are. */
type Late<Value> = (around: Surroundings) => Value;

export type FaultAnswer = "accept" | "tempfail";

/** The policy of a file that names none. */
export const DEFAULT_POLICY = "postmaster-2026";

const faultAnswer = oneOf<FaultAnswer>(["accept", "tempfail"]);

/** What postern.yaml is read as, with every default; what still depends on its surroundings is a function of them. */
export type ConfigDraft = z.output<typeof configDraft>;

/** The same, where no value is late any more. */
export type Settled = {
  readonly [Key in keyof ConfigDraft]: ConfigDraft[Key] extends Late<infer Value>
    ? Value
    : ConfigDraft[Key];
};

/** Every key of postern.yaml. What is said of it here is all that is said: docs, JSON Schema and reload follow. */
export const configDraft = strict({
  listen: listenKeys,
  state: stateKey,
  dns: dnsKeys,
  authservId: keyOr(
    domain,
    {
      meaning: "Our name in Authentication-Results. A client that uses it in HELO is refused.",
      otherwise: "the host name",
      reload: "live",
    },
    (name) =>
      ({ hostname }: Surroundings): string =>
        name ?? hostname,
  ),
  localDomains: key(list(domain), {
    meaning:
      "Domains that this server receives mail for. Their postmaster@ and abuse@ addresses always stay reachable.",
    written: [],
    reload: "live",
  }),
  policy: key(z.union([z.string({ error: "" }), policyDraft]), {
    meaning:
      "What is refused, marked and accepted: `postmaster-2026`, `poolp-2019`, the path of a policy file, or a policy written here, `{ extends: postmaster-2026, refuseAt: mail }`.",
    written: DEFAULT_POLICY,
    reload: "live",
  }),
  mode: keyOr(
    oneOf<Mode>(MODES),
    {
      meaning:
        "`enforce`: decisions are applied. `junk`: mail that would be refused is marked as junk instead. `observe`: all mail is accepted, and the log shows what would have happened.",
      otherwise: "`enforce`; `observe` where there is no postern.yaml at all",
      reload: "live",
    },
    (mode) => (around: Surroundings) => mode ?? around.mode,
  ),
  trusted: key(list(network), {
    meaning:
      "Networks whose mail is never judged, such as your own hosts. Your list replaces the default.",
    written: LOOPBACK,
    reload: "live",
  }),
  forwarders: key(list(forwarder), {
    meaning:
      "Hosts that forward mail to this server, `{ client: 198.51.100.7 }` or `{ arcSealer: lists.example.net }`. For mail they relay, Postern ignores what [policy.md](policy.md#forwarders) names.",
    written: [],
    reload: "live",
  }),
  submission: group(
    {
      ports: key(list(wholeNumber(1, 65_535)), {
        meaning: "Local ports, such as `[465, 587]`.",
        written: [],
      }),
      daemonNames: key(
        list(matching(/^[\x21-\x7e]{1,64}$/, "must be the name of a daemon, such as ORIGINATING")),
        {
          meaning: "Values of the milter macro {daemon_name}, such as `[ORIGINATING]`.",
          written: [],
        },
      ),
    },
    {
      meaning:
        "Ports and daemons where clients authenticate: nothing is judged until it is known whether the client did.",
      reload: "live",
    },
  ),
  scores: key(
    list(
      strict({
        zone: required(domain, { meaning: "The zone, `score.senderscore.com`." }),
      }).transform(({ zone }) => zone),
    ),
    {
      meaning:
        "DNS zones that give an IP address a score of 0 to 100 in the last octet of 127.0.4.x.",
      written: [],
      reload: "live",
    },
  ),
  lists: key(lists, {
    meaning: "DNSBLs and DNSWLs. A list is used after its first successful self-test.",
    written: [],
    reload: "live",
  }),
  user: keyOr(
    account,
    {
      meaning: "The user to drop privileges to after binding the sockets, when started as root.",
      otherwise: "the current user is kept",
      reload: "restart",
    },
    (name) => name ?? null,
  ),
  pidFile: keyOr(
    matching(/^[^\0]*[^/\0]$/, "must be the path of a file"),
    {
      meaning:
        "A file that `serve` writes its process id to, such as `/run/postern/postern.pid`; removed when it ends.",
      otherwise: "none",
      reload: "restart",
    },
    (path) =>
      ({ folder }: Surroundings): string | null =>
        path === undefined ? null : resolvePath(folder, path),
  ),
  log: group(
    {
      time: keyOr(
        z.boolean({ error: "" }),
        {
          meaning: "Whether each line of the log ends in its time.",
          otherwise: "yes, but not in systemd's journal nor under smtpd, which add their own",
        },
        (isWanted) => isWanted ?? null,
      ),
    },
    { meaning: "How the log is written.", reload: "live" },
  ),
  onFailure: key(faultAnswer, {
    meaning: "The reply when Postern itself fails or misses its deadline: `accept` or `tempfail`.",
    written: "accept",
    reload: "restart",
  }),
  onDnsDown: key(faultAnswer, {
    meaning:
      "The reply to a message that needs a lookup while the resolver is down: `accept` or `tempfail`.",
    written: "accept",
    reload: "live",
  }),
  limits: limitKeys,
});
