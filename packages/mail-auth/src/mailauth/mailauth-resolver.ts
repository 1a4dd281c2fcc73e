import type { DnsAnswer, Resolver } from "@postern/dns";
import type { LegacyResolve } from "./mailauth.ts";

/** A name of 253 octets (RFC 1035 section 2.3.4), with a little room. Longer ones nobody can ask for. */
const MAX_NAME_CHARS = 260;

/** How mailauth is told that a question failed. */
export class ResolveError extends Error {
  readonly code: "ENOTFOUND" | "ENODATA" | "ETIMEOUT" | "ESERVFAIL";

  constructor(code: ResolveError["code"], name: string) {
    super(`${code} ${name}`);
    this.code = code;
  }
}

/** Sees what is found before mailauth does; what it throws, mailauth is told. */
export interface Seen {
  /** The TXT records of one name. */
  texts(records: readonly string[]): void;
  /** So many records of another type. */
  others(count: number): void;
}

const UNSEEN: Seen = { texts() {}, others() {} };

/** Our resolver in the shape of `dns.promises.resolve`, which mailauth asks through. */
export function legacyResolve(resolver: Resolver, seen: Seen = UNSEEN): LegacyResolve {
  const others = <R>(name: string, answer: DnsAnswer<R>): readonly R[] => {
    const records = recordsOf(name, answer);
    seen.others(records.length);
    return records;
  };
  return async (name, type) => {
    switch (type) {
      case "TXT": {
        const texts = recordsOf(name, await resolver.ask(name, type));
        seen.texts(texts);
        return texts.map((text) => [text]);
      }
      case "MX": {
        const exchangers = others(name, await resolver.ask(name, type));
        return exchangers
          .filter(({ exchange }) => isName(exchange))
          .map(({ preference, exchange }) => ({
            priority: preference,
            exchange: exchange === "." ? "" : exchange,
          }));
      }
      case "PTR":
      case "CNAME":
        return others(name, await resolver.ask(name, type)).filter(isName);
      case "A":
      case "AAAA":
        return others(name, await resolver.ask(name, type));
      default:
        throw new ResolveError("ESERVFAIL", name);
    }
  };
}

function recordsOf<R>(name: string, answer: DnsAnswer<R>): readonly R[] {
  switch (answer.status) {
    case "found":
      return answer.value;
    case "none":
      throw new ResolveError(answer.reason === "nxdomain" ? "ENOTFOUND" : "ENODATA", name);
    default:
      throw new ResolveError(answer.detail === "timeout" ? "ETIMEOUT" : "ESERVFAIL", name);
  }
}

/** mailauth takes the square of the dots at the end of a name. */
function isName(text: string): boolean {
  return text.length <= MAX_NAME_CHARS;
}
