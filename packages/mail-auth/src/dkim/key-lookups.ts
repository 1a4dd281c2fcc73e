import type { Resolver } from "@postern/dns";
import type { DkimReason } from "@postern/filter-core";
import type { LegacyResolve } from "../mailauth/mailauth.ts";
import { ResolveError } from "../mailauth/mailauth-resolver.ts";
import { checkKeyRecord } from "./key/key-record.ts";

/** What became of a key that cannot verify anything. */
export type KeyFault = DkimReason;

/**
 * The key records of one message. A record is checked before anything is calculated with it (a 512-bit key
 * can be factored, an exponent of 1 proves nothing): the verifier only ever sees good ones, and is told that the others are not there.
 */
export class KeyLookups {
  readonly #resolver: Resolver;
  readonly #faults = new Map<string, KeyFault>();

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Asks as the verifier does: `selector._domainkey.domain`. */
  readonly resolve: LegacyResolve = async (name) => {
    const answer = await this.#resolver.ask(name, "TXT");
    switch (answer.status) {
      case "found": {
        const verdict = checkKeyRecord(answer.value);
        if (verdict.ok) return [[verdict.record]];
        return this.#refuse(name, verdict.reason, "ENODATA");
      }
      case "none":
        return this.#refuse(name, "there is no key at the selector", "ENODATA");
      default:
        return this.#refuse(name, "the key server does not answer", "ETIMEOUT");
    }
  };

  /** Why the key at a name is of no use; undefined where it is, or was not asked for. */
  fault(name: string): KeyFault | undefined {
    return this.#faults.get(name.toLowerCase());
  }

  #refuse(name: string, reason: KeyFault, code: ResolveError["code"]): never {
    this.#faults.set(name.toLowerCase(), reason);
    throw new ResolveError(code, name);
  }
}
