import { readFileSync } from "node:fs";
import type { Dns } from "@postern/dns";
import { type Clock, type IpAddress, parseIpAddress } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import { type Remark, warning } from "./remark.ts";
import { ZONE_TESTS_MS } from "./zone-tests.ts";

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

/** Where systemd-resolved listens (systemd-resolved.service(8)); it only forwards. */
const RESOLVED_STUBS: ReadonlySet<string> = new Set(["127.0.0.53", "127.0.0.54"]);

/** The resolvers of the system. */
export interface SystemResolvers {
  /** Those of /etc/resolv.conf: asked where the configuration names none. */
  readonly servers: readonly string[];
  /** Those that systemd-resolved forwards to. */
  readonly behindResolved: readonly string[];
}

/** Whether the resolver is, or forwards to, a public one, which lists and score zones refuse. */
export function resolverRemarks(
  { lists, scores, dns }: Config,
  { servers: system, behindResolved }: SystemResolvers,
): readonly Remark[] {
  // With an access key, any resolver may be used.
  const zones = [
    ...scores,
    ...lists.filter(({ keyFrom }) => keyFrom === null).map(({ zone }) => zone),
  ];
  const asked = dns.servers ?? system;
  const isStub = asked.length > 0 && asked.every((server) => RESOLVED_STUBS.has(hostOf(server)));
  const servers = isStub ? behindResolved : asked;
  const isPublic =
    servers.length > 0 && servers.every((server) => PUBLIC_RESOLVERS.has(hostOf(server)));
  if (zones.length === 0 || !isPublic) return [];
  const whose = dns.servers === null ? "the system's resolvers are" : "dns.servers are";
  return [
    warning(
      `${isStub ? "systemd-resolved forwards to" : whose} public resolvers (${servers.join(", ")}), which lists and score zones refuse (${zones.join(", ")}): run a local recursive resolver such as unbound, and set dns: { servers: ["127.0.0.1"] }`,
    ),
  ];
}

/** Whether a resolver is worth asking more. */
export interface ResolverTest {
  readonly isDead: boolean;
  readonly remarks: readonly Remark[];
}

/** Asks the resolver whether it works. Never rejects, and takes no longer than the tests of zones. */
export async function testResolver(
  { dns: { servers, probe } }: Config,
  system: SystemResolvers,
  dns: Pick<Dns, "probe">,
  clock: Pick<Clock, "after">,
): Promise<ResolverTest> {
  const { promise: deadline, resolve } = Promise.withResolvers<"silent">();
  const cancel = clock.after(ZONE_TESTS_MS, () => resolve("silent"));
  const result = await Promise.race([dns.probe(), deadline]);
  cancel();
  if (result === "answers") return { isDead: false, remarks: [] };
  const who = `the resolver (${(servers ?? system.servers).join(", ")})`;
  const text =
    result === "errors"
      ? `${who} answers the query for the NS records of ${probe} with an error: check its own log, and dns.servers`
      : `${who} does not answer: until it does, mail is judged without DNS; start it, or correct dns.servers (--no-dns skips this test)`;
  return { isDead: result === "silent", remarks: [warning(text)] };
}

/** The servers that systemd-resolved forwards to, as it writes them down for programs. */
export function readBehindResolved(
  file: string = "/run/systemd/resolve/resolv.conf",
): readonly string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}

/** The address of `192.0.2.1:53` or `[2001:db8::1]:53`. */
function hostOf(server: string): IpAddress | "" {
  return parseIpAddress(server) ?? parseIpAddress(server.replace(/:\d+$/, "")) ?? "";
}
