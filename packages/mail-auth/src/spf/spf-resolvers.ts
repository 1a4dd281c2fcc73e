import type { Resolver } from "@postern/dns";
import type { LegacyResolve, SpfError, SpfOptions } from "../mailauth/mailauth.ts";
import { legacyResolve, ResolveError } from "../mailauth/mailauth-resolver.ts";

/** RFC 7208 section 4.6.4. */
const MAX_LOOKUPS = 10;
const MAX_VOID_LOOKUPS = 2;
/** Real records end below 2 KiB; the work of reading one grows with its length. */
const MAX_RECORD_BYTES = 8_192;
/**
 * A domain name has at most 253 characters, and macros make real terms shorter. mailauth reads the end of a term by a
 * pattern whose work grows with the square of its length: 7,900 characters took 133 ms.
 */
const MAX_TERM_BYTES = 512;
/** All records of one evaluation together. */
const MAX_BYTES = 16_384;
/** Addresses, hosts and names of one evaluation, as each is parsed and compared: 200,000 took 800 ms. */
const MAX_ANSWERS = 1_000;

/** What one evaluation asks the DNS through. After `close` nothing more is asked. */
export interface SpfResolvers
  extends Pick<SpfOptions, "resolver" | "expResolver" | "createSubResolver"> {
  close(): void;
}

/**
 * Counts lookups and void lookups as RFC 7208 section 4.6.4 has it: one count for the terms of a record and those
 * it includes, one for the hosts of each `mx` or `ptr` term.
 */
export function spfResolvers(resolver: Resolver): SpfResolvers {
  let isClosed = false;
  let bytes = 0;
  let answers = 0;

  /** What the records cost counts for the whole evaluation. */
  const resolve = legacyResolve(resolver, {
    texts: (records) => {
      const own = records.filter(isSpf);
      bytes += own.reduce((sum, record) => sum + record.length, 0);
      if (bytes > MAX_BYTES || own.some(isTooMuchWork))
        throw spfError("permerror", "a record or a term of it is too long");
    },
    others: (count) => {
      answers += count;
      if (answers > MAX_ANSWERS) throw spfError("permerror", "too many hosts or addresses");
    },
  });

  const counted = (freeLookups: number, maxVoid: number): LegacyResolve => {
    let lookups = -freeLookups;
    let voids = 0;
    return async (name, type) => {
      if (isClosed) throw spfError("temperror", "the evaluation is over");
      lookups += 1;
      if (lookups > MAX_LOOKUPS) throw spfError("permerror", "too many lookups");
      try {
        return await resolve(name, type);
      } catch (error) {
        if (error instanceof Error && "spfResult" in error) throw error;
        if (!isNone(error)) throw spfError("temperror", "a lookup failed");
        voids += 1;
        if (voids > maxVoid) throw spfError("permerror", "too many void lookups");
        return [];
      }
    };
  };

  return {
    // The lookup of the record itself is free.
    resolver: counted(1, MAX_VOID_LOOKUPS),
    createSubResolver: ({ ignoreVoid = false } = {}) =>
      counted(0, ignoreVoid ? Number.POSITIVE_INFINITY : MAX_VOID_LOOKUPS),
    expResolver: async (name) => {
      throw new ResolveError("ENODATA", name);
    },
    close() {
      isClosed = true;
    },
  };
}

function isSpf(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

function isTooMuchWork(text: string): boolean {
  return text.length > MAX_RECORD_BYTES || text.split(" ").some(isLongTerm);
}

function isLongTerm(term: string): boolean {
  return term.length > MAX_TERM_BYTES;
}

function isNone(error: unknown): boolean {
  return error instanceof ResolveError && (error.code === "ENOTFOUND" || error.code === "ENODATA");
}

function spfError(error: "permerror" | "temperror", text: string): SpfError {
  const thrown: SpfError = new Error(`Cannot evaluate SPF: ${text}`);
  thrown.spfResult = { error, text };
  return thrown;
}
