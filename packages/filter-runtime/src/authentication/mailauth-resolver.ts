import type { DnsAnswer, RecordType, Resolver } from "@postern/dns";

/** A name of 253 octets (RFC 1035 section 2.3.4) and the preference of an MX. Longer ones nobody can ask for. */
const MAX_RECORD_CHARS = 260;

import type { LegacyResolve } from "./mailauth.ts";

/** How mailauth is told that a question failed. */
export class ResolveError extends Error {
  readonly code: "ENOTFOUND" | "ENODATA" | "ETIMEOUT" | "ESERVFAIL";

  constructor(code: ResolveError["code"], name: string) {
    super(`${code} ${name}`);
    this.code = code;
  }
}

/** Our resolver in the shape of `dns.promises.resolve`, which mailauth asks through. */
export function legacyResolve(resolver: Resolver): LegacyResolve {
  return async (name, type) => shape(name, type, await resolver.ask(name, type as RecordType));
}

function shape(name: string, type: string, answer: DnsAnswer): readonly unknown[] {
  switch (answer.status) {
    case "found":
      return (
        answer.value
          // mailauth takes the square of the dots at the end of a name.
          .filter((record) => type === "TXT" || record.length <= MAX_RECORD_CHARS)
          .map((record) => shapeRecord(type, record))
      );
    case "none":
      throw new ResolveError(answer.reason === "nxdomain" ? "ENOTFOUND" : "ENODATA", name);
    default:
      throw new ResolveError(answer.detail === "timeout" ? "ETIMEOUT" : "ESERVFAIL", name);
  }
}

function shapeRecord(type: string, record: string): unknown {
  if (type === "TXT") return [record];
  if (type !== "MX") return record;
  const blank = record.indexOf(" ");
  const exchange = record.slice(blank + 1);
  return { priority: Number(record.slice(0, blank)), exchange: exchange === "." ? "" : exchange };
}
