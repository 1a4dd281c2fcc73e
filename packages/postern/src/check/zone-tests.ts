import type { DnsAnswer, Resolver } from "@postern/dns";
import { type Clock, type IpAddress, unreachable } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { type Remark, warning } from "./remark.ts";

/** Deadline for all tests together, in milliseconds. */
export const ZONE_TESTS_MS = 3_000;

/** The address that every list of IPv4 addresses must list (RFC 5782 section 5), reversed. */
const TEST_POINT = "2.0.0.127";

interface Zone {
  /** As it is shown. */
  readonly zone: string;
  readonly query: string;
  readonly kind: "list" | "score";
}

type Outcome =
  | { readonly kind: "fine" }
  | { readonly kind: "complaint"; readonly text: string }
  /** No answer, or none that can be used. */
  | { readonly kind: "silence"; readonly why: string };

/** Asks every zone about its test point, all at once, and says which of them will not count. Never rejects. */
export async function testZones(
  { lists, scores }: Config,
  dns: Pick<Resolver, "ask">,
  clock: Pick<Clock, "after">,
): Promise<readonly Remark[]> {
  const zones = new Map<string, Zone>();
  for (const zone of scores) zones.set(zone, { zone, query: zone, kind: "score" });
  for (const { zone, query } of lists) zones.set(query, { zone, query, kind: "list" });
  const { promise: deadline, resolve } = Promise.withResolvers<DnsAnswer<never>>();
  const cancel = clock.after(ZONE_TESTS_MS, () =>
    resolve({ status: "temperror", detail: "timeout" }),
  );
  const tests = [...zones.values()].map(async ({ zone, query, kind }) => {
    const ask = (name: string) => Promise.race([dns.ask(name, "A"), deadline]);
    const answer = await ask(`${TEST_POINT}.${query}`);
    // Servers may say NXDOMAIN for what they do not list, but not for the zone itself.
    const isGone = isNxdomain(answer) && isNxdomain(await ask(zone));
    return { zone, outcome: isGone ? GONE : read(answer, kind) };
  });
  const results = await Promise.all(tests);
  cancel();
  return remarksOf(results);
}

const GONE: Outcome = {
  kind: "complaint",
  text: "does not exist (NXDOMAIN), so it has no effect: check its spelling",
};

function isNxdomain(answer: DnsAnswer): boolean {
  return answer.status === "none" && answer.reason === "nxdomain";
}

function remarksOf(
  results: readonly { readonly zone: string; readonly outcome: Outcome }[],
): readonly Remark[] {
  const silent = results.flatMap(({ outcome }) =>
    outcome.kind === "silence" ? [outcome.why] : [],
  );
  if (silent.length > 0 && silent.length === results.length) {
    const zones = results.map(({ zone }) => zone).join(", ");
    return [
      warning(
        `no zone could be tested (${zones}): no answer (${[...new Set(silent)].join(", ")}), so they have no effect; check dns.servers, or skip the tests with --no-dns`,
      ),
    ];
  }
  return results.flatMap(({ zone, outcome }): readonly Remark[] => {
    switch (outcome.kind) {
      case "fine":
        return [];
      case "complaint":
        return [warning(`${zone} ${outcome.text}`)];
      case "silence":
        return [
          warning(
            `${zone} does not answer (${outcome.why}): until it does, it has no effect; check its spelling and whether it still exists`,
          ),
        ];
      default:
        return unreachable(outcome);
    }
  });
}

function read(answer: DnsAnswer<IpAddress>, kind: Zone["kind"]): Outcome {
  if (answer.status === "temperror") return { kind: "silence", why: answer.detail };
  if (answer.status === "none")
    return kind === "score"
      ? { kind: "fine" }
      : {
          kind: "complaint",
          text: "does not list its own test point 127.0.0.2 (RFC 5782 section 5): until it does, it has no effect; check the spelling of zone and key, and whether it still exists",
        };
  const refusal = answer.value.find((address) => address.startsWith("127.255.255."));
  if (refusal !== undefined) return { kind: "complaint", text: whyRefused(refusal) };
  const foreign = answer.value.find((address) => !address.startsWith("127."));
  return foreign === undefined
    ? { kind: "fine" }
    : {
        kind: "complaint",
        text: `answers ${foreign}, which is not a list's answer: the domain has a new owner, or the resolver forges answers; remove the zone, or use another resolver`,
      };
}

/** What operators of lists, Spamhaus first of all, mean by such an answer. */
function whyRefused(answer: string): string {
  const says = `refuses this resolver (${answer}): `;
  switch (answer) {
    case "127.255.255.252":
      return `${says}the zone name is mistyped; correct it`;
    case "127.255.255.254":
      return `${says}it is a public resolver, or has no proper reverse name; use a local recursive resolver, or a key`;
    case "127.255.255.255":
      return `${says}it sends too many queries, or is not registered; register it, or buy a key`;
    default:
      return `${says}see the operator's web pages`;
  }
}
