import { addressBytes, parseDomain, parseIpAddress } from "@postern/smtp-filter";
import type { Config } from "../config/config-types.ts";
import type { Listener } from "../config/listener.ts";
import { type Remark, warning } from "./remark.ts";

/**
 * What is wrong with our name, our sockets and the limits of the daemon.
 *
 * @param hostname of this machine: our name where the file gives none.
 */
export function siteRemarks(config: Config, hostname: string): readonly Remark[] {
  return [
    ...sharedListeners(config),
    ...openListeners(config),
    ...budgetRemarks(config),
    ...nameRemarks(config, hostname),
  ];
}

/** A session's work counts for its network, too. */
function budgetRemarks({ limits: { sessionCpuMs, networkCpuMs } }: Config): readonly Remark[] {
  if (networkCpuMs >= sessionCpuMs) return [];
  return [
    warning(
      `limits.networkCpuMs (${networkCpuMs}) is less than limits.sessionCpuMs (${sessionCpuMs}), so a single session gets 421 from ${networkCpuMs} ms a minute on: set networkCpuMs to ${sessionCpuMs} or more`,
    ),
  ];
}

/** Our name marks the Authentication-Results fields that we remove as forged. */
function nameRemarks({ authservId }: Config, hostname: string): readonly Remark[] {
  const isOwnName =
    authservId !== "localhost" && authservId.includes(".") && parseDomain(authservId) !== undefined;
  if (isOwnName) return [];
  const text =
    `authservId is "${authservId}"${authservId === hostname ? ", the name of this host" : ""}: ` +
    "if opendkim or opendmarc uses the same AuthservID, its fields are removed as forged; " +
    "set a name of its own, such as authservId: mx.example.org";
  return [{ level: authservId === hostname ? "hint" : "warning", text }];
}

/** Whoever can connect to a milter or Exim socket can query reputation, and feed what is learned. */
function openListeners({ listen }: Config): readonly Remark[] {
  return [...listen.milter, ...listen.exim].flatMap((listener): Remark[] => {
    const everybody =
      listener.kind === "inet"
        ? listener.allowRemote.find(({ prefixLength }) => prefixLength === 0)
        : undefined;
    if (everybody === undefined) return [];
    return [
      {
        level: "warning",
        text: `${nameOf(listener)} has allowRemote: ${everybody.text}: anybody may query it, and feed what is learned; list only the addresses of your mail servers`,
      },
    ];
  });
}

function sharedListeners({ listen }: Config): readonly Remark[] {
  const all = [
    ...listen.milter.map((listener) => ({ key: "listen.milter", listener })),
    ...listen.exim.map((listener) => ({ key: "listen.exim", listener })),
  ];
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((other) => areOne(one.listener, other.listener))
      .map(
        (other): Remark => ({
          level: "error",
          text:
            `${one.key} and ${other.key} are on the same address, ${nameOf(one.listener)} ` +
            `and ${nameOf(other.listener)}: give each an address of its own`,
        }),
      ),
  );
}

function areOne(a: Listener, b: Listener): boolean {
  if (a.kind === "unix" || b.kind === "unix")
    return a.kind === "unix" && b.kind === "unix" && a.path === b.path;
  // The system chooses another port for each listener with port 0.
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || holdsAll(a.host, b.host) || holdsAll(b.host, a.host);
}

/** Whether a listener on `host` takes the connections to `other` as well: `::` takes IPv4 too (ipv6(7)). */
function holdsAll(host: string, other: string): boolean {
  const address = parseIpAddress(host);
  if (address === undefined || addressBytes(address).some((byte) => byte !== 0)) return false;
  return address === "::" || !other.includes(":");
}

export function nameOf(listener: Listener): string {
  if (listener.kind === "unix") return `unix:${listener.path}`;
  const { host, port } = listener;
  return `inet:${host.includes(":") ? `[${host}]` : host}:${port}`;
}
