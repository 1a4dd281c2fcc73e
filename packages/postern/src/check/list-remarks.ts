import { type IpAddress, type Policy, parseIpAddress } from "@postern/filter-core";
import type { Config, List } from "../config/config-types.ts";
import { didYouMean } from "../config/nearest.ts";
import { type Remark, warning } from "./remark.ts";

/** Public resolvers: lists cannot tell who is asking through them, and refuse them. */
const PUBLIC_RESOLVERS: ReadonlySet<string> = new Set([
  ...["8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"], // Google
  ...["1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"], // Cloudflare
  ...["1.1.1.2", "1.0.0.2", "1.1.1.3", "1.0.0.3"],
  ...["9.9.9.9", "9.9.9.10", "9.9.9.11", "149.112.112.112", "2620:fe::fe", "2620:fe::9"], // Quad9
  ...["208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53"], // OpenDNS
  ...["4.2.2.1", "4.2.2.2", "4.2.2.3", "4.2.2.4", "4.2.2.5", "4.2.2.6"], // Level 3
  ...["77.88.8.8", "77.88.8.1"], // Yandex
  ...["94.140.14.14", "94.140.15.15"], // AdGuard
  ...["185.228.168.9", "185.228.169.9"], // CleanBrowsing
  ...["64.6.64.6", "64.6.65.6"], // Vercara
]);

/**
 * What keeps a list from counting.
 *
 * @param systemServers the resolvers of the system, asked where the file names none.
 */
export function listRemarks(config: Config, systemServers: readonly string[]): readonly Remark[] {
  return [
    ...config.lists.flatMap((list, index) => listRemarksOf(list, index, config.policy)),
    ...resolverRemarks(config, systemServers),
  ];
}

function listRemarksOf(list: List, index: number, policy: Policy): readonly Remark[] {
  const name = `lists[${index}] (${list.zone})`;
  const known = knownLabels(policy);
  const withHint = (label: string): string => `${label}${didYouMean(label, known)}`;
  const unknown = [...new Set(Object.values(list.codes))].filter((label) => !known.includes(label));
  return [
    ...(list.keyFrom === "zone"
      ? [
          warning(
            `${name} contains the access key in its zone, where it may be shown: set zone: ${list.zone} and key`,
          ),
        ]
      : []),
    ...(Object.keys(list.codes).length === 0
      ? [warning(`${name} has no codes, so its answers have no effect: map them to labels`)]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            `${name}: no rule or credit of the policy uses ${unknown.map(withHint).join(", ")}; ${whatIsKnown(known)}`,
          ),
        ]
      : []),
  ];
}

function whatIsKnown(known: readonly string[]): string {
  return known.length === 0
    ? "it uses no labels at all: extend postmaster-2026, or add rules such as lists.sbl"
    : `it uses ${known.join(", ")}`;
}

/** The labels that rules or credits use. */
function knownLabels({ rules, credits }: Policy): readonly string[] {
  const weighed = Object.entries(credits).filter(([, amount]) => amount > 0);
  return [...Object.keys(rules), ...weighed.map(([source]) => source)]
    .filter((id) => id.startsWith("lists."))
    .map((id) => id.slice("lists.".length));
}

function resolverRemarks(
  { lists, scoreZones, dns }: Config,
  systemServers: readonly string[],
): readonly Remark[] {
  // With an access key, any resolver may be used.
  const zones = [
    ...scoreZones,
    ...lists.filter(({ keyFrom }) => keyFrom === null).map(({ zone }) => zone),
  ];
  const servers = dns.servers ?? systemServers;
  const isPublic =
    servers.length > 0 && servers.every((server) => PUBLIC_RESOLVERS.has(hostOf(server)));
  if (zones.length === 0 || !isPublic) return [];
  const whose = dns.servers === null ? "the system's resolvers" : "dns.servers";
  return [
    warning(
      `${whose} are public resolvers (${servers.join(", ")}), which lists and score zones refuse (${zones.join(", ")}): run a local recursive resolver such as unbound, and set dns: { servers: ["127.0.0.1"] }`,
    ),
  ];
}

/** The address of `192.0.2.1:53` or `[2001:db8::1]:53`. */
function hostOf(server: string): IpAddress | "" {
  return parseIpAddress(server) ?? parseIpAddress(server.replace(/:\d+$/, "")) ?? "";
}
