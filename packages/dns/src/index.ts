/**
 * The DNS as a mail server needs it: every question ends as found, none or temperror, in time, and a stranger's silent
 * name servers hold up nobody else. It must never reject, nor take a failed lookup for an absent record.
 *
 * @packageDocumentation
 */

export { type DnsAnswer, type DnsFault, fault, found } from "./answer/answer.ts";
export {
  type DnsRecord,
  type MailExchanger,
  type RecordOf,
  type RecordType,
  recordSize,
} from "./answer/record.ts";
export { type Asker, type Resolver, resolverOf } from "./answer/resolver.ts";
export { CACHE_LIMITS, cache } from "./layers/cache.ts";
export { ownerOf } from "./layers/owner-of.ts";
export { type Dns, type DnsCounters, openDns } from "./open-dns.ts";
export { type DnsScript, parseDnsScript } from "./scripted/parse-script.ts";
export { scriptedResolver } from "./scripted/scripted.ts";
