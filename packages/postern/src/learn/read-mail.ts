import {
  type DkimFact,
  type DmarcFact,
  type Facts,
  networkHas,
  parseDomain,
  parseIpAddress,
  type SpfFact,
} from "@postern/filter-core";
import type { Config } from "../config/config-types.ts";
import { type MethodResult, readOwnResults } from "./results-reader.ts";

/** A delivered message, as far as we wrote on it who sent it. */
export interface JudgedMail {
  /** Of the decision: the same mail cannot be marked twice. */
  readonly id: string;
  /** What Authentication-Results and X-Postern keep of the facts. */
  readonly facts: Facts;
}

/**
 * Reads a message that we let in, from the fields we put on top of it. Forged ones are removed on the way in, so the
 * first of ours is ours.
 *
 * @param header latin1, with any line ends.
 * @returns undefined if it has not come through us, or what we wrote is gone.
 */
export function readJudgedMail(
  header: string,
  { site, forwarders }: Pick<Config, "site" | "forwarders">,
  now: string,
): JudgedMail | undefined {
  const fields = header.split(/\r?\n(?![ \t])/).map(splitField);
  const verdict = fields.find(({ name }) => name === "x-postern")?.value ?? "";
  const [, id] = /^\s*id=([0-9a-f]{16})(?:\s|$)/.exec(verdict) ?? [];
  const results = fields
    .filter(({ name }) => name === "authentication-results")
    .map(({ value }) => readOwnResults(value, site.authservId))
    .find((read) => read !== undefined);
  if (id === undefined || results === undefined) return undefined;
  const of = (method: string): readonly MethodResult[] =>
    results.filter((one) => one.method === method);
  const [iprev] = of("iprev");
  const [spf] = of("spf");
  const [dmarc] = of("dmarc");
  const address = parseIpAddress(iprev?.properties.get("policy.iprev") ?? "") ?? null;
  const isForwarder = forwarders.some(
    (one) => one.kind === "client" && address !== null && networkHas(one.network, address),
  );
  return {
    id,
    facts: {
      version: 1,
      now,
      stage: "message",
      standing: "outside",
      site,
      client: {
        address,
        port: null,
        localAddress: null,
        localPort: null,
        daemonName: null,
        mta: { name: "milter", version: null },
        tls: null,
      },
      helo: null,
      from: null,
      recipients: [],
      ...(isForwarder ? { forwarder: { by: "client" } } : {}),
      ...(spf === undefined ? {} : { spf: { mailfrom: spfFact(spf), helo: NO_SPF } }),
      dkim: of("dkim").map(dkimFact),
      ...(dmarc === undefined ? {} : { dmarc: dmarcFact(dmarc) }),
    },
  };
}

const NO_SPF: SpfFact = { result: "none", domain: null, permits: "some" };

/** Only a pass authenticates an identity; all other results are treated alike. */
function spfFact({ result, properties }: MethodResult): SpfFact {
  const name = properties.get("smtp.mailfrom") ?? properties.get("smtp.helo") ?? "";
  const domain = parseDomain(name.slice(name.lastIndexOf("@") + 1)) ?? null;
  return { result: result === "pass" ? "pass" : "none", domain, permits: "some" };
}

function dkimFact({ result, properties }: MethodResult): DkimFact {
  return {
    result: result === "pass" ? "pass" : "none",
    domain: parseDomain(properties.get("header.d") ?? "") ?? null,
    selector: null,
    algorithm: null,
    signature: null,
    reason: null,
  };
}

function dmarcFact({ result, properties }: MethodResult): DmarcFact {
  const domain = parseDomain(properties.get("header.from") ?? "") ?? null;
  return { result: result === "pass" ? "pass" : "none", policy: null, domain };
}

function splitField(field: string): { readonly name: string; readonly value: string } {
  const colon = field.indexOf(":");
  return {
    name: field.slice(0, Math.max(0, colon)).trimEnd().toLowerCase(),
    value: field.slice(colon + 1),
  };
}
