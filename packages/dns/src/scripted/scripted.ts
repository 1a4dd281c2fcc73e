import { type DnsAnswer, fault, found } from "../answer/answer.ts";
import { canonicalName } from "../answer/name.ts";
import type { RecordOf, RecordType } from "../answer/record.ts";
import type { Resolver } from "../answer/resolver.ts";
import type { DnsScript } from "./parse-script.ts";

/** CNAMEs followed for one question. */
const MAX_CNAMES = 8;

/**
 * A DNS made of plain data that answers at once. Nothing else is asked.
 *
 * @param onQuestion sees each question, with its canonical name: a log for tests.
 */
export function scriptedResolver(
  script: DnsScript,
  onQuestion?: (name: string, type: RecordType) => void,
): Resolver {
  return {
    ask: async (text, type) => {
      const name = canonicalName(text);
      if (name === undefined) return { status: "none", reason: "nxdomain" };
      onQuestion?.(name, type);
      return answer(script, name, type);
    },
  };
}

/** A name with a CNAME has nothing else, whatever else is listed (RFC 1034 section 3.6.2). */
function answer<T extends RecordType>(
  script: DnsScript,
  asked: string,
  type: T,
): DnsAnswer<RecordOf<T>> {
  let name = asked;
  for (let followed = 0; followed <= MAX_CNAMES; followed += 1) {
    const entry = script.names.get(name);
    if (entry === undefined) {
      return { status: "none", reason: script.parents.has(name) ? "nodata" : "nxdomain" };
    }
    if (typeof entry === "string") return fault(entry);
    const alias = type === "CNAME" ? undefined : entry.CNAME;
    if (typeof alias === "string") return fault(alias);
    const target = alias?.[0];
    if (target === undefined) {
      const records = entry[type] ?? [];
      return typeof records === "string" ? fault(records) : found(records);
    }
    const next = canonicalName(target);
    if (next === undefined) return { status: "none", reason: "nxdomain" };
    name = next;
  }
  return fault("servfail");
}
