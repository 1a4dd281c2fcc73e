import { type Domain, networkHas, parseDomain, parseNetwork } from "@postern/smtp-filter";
import type { Facts } from "../facts/facts.ts";
import type { SharedPool } from "../policy/policy.ts";
import { isWithin } from "./alignment.ts";

/** Reads `203.0.113.0/24` or `example.com`. */
export function parseSharedPool(text: string): SharedPool | undefined {
  const network = parseNetwork(text);
  if (network !== undefined) return { by: "network", network };
  const domain = parseDomain(text);
  return domain === undefined ? undefined : { by: "domain", domain };
}

/** Whether the client belongs to a shared pool. Only a forward-confirmed name counts. */
export function isSharedPool(
  { client, reverseName, fcrdns }: Facts,
  pools: readonly SharedPool[],
): boolean {
  const name = fcrdns === "pass" && reverseName?.status === "found" ? reverseName.value : undefined;
  return pools.some((pool) =>
    pool.by === "network"
      ? client.address !== null && networkHas(pool.network, client.address)
      : name !== undefined && isWithin(name, pool.domain),
  );
}

/** Whether a domain hosts mailboxes for everybody, so that one says nothing about the others. */
export function hasSharedMailboxes(domain: Domain, pools: readonly SharedPool[]): boolean {
  return pools.some((pool) => pool.by === "domain" && isWithin(domain, pool.domain));
}
