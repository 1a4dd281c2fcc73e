import type { DnsAnswer, Resolver } from "@postern/dns";
import type { Lookup } from "@postern/filter-core";
import { type IpAddress, parseIpAddress } from "@postern/smtp-filter";

/** One MX record (RFC 5321 section 5.1). */
export interface MailExchanger {
  readonly preference: number;
  /** Without final dot, as the remote side wrote it; `.` alone is the null MX (RFC 7505). */
  readonly exchange: string;
}

/** The addresses of one family. */
export async function askAddresses(
  resolver: Resolver,
  name: string,
  type: "A" | "AAAA",
): Promise<Lookup<readonly IpAddress[]>> {
  return mapFound(await resolver.ask(name, type), (records) =>
    records.map(parseIpAddress).filter((address) => address !== undefined),
  );
}

/** The mail exchangers, in the order of the answer. */
export async function askMailExchangers(
  resolver: Resolver,
  name: string,
): Promise<Lookup<readonly MailExchanger[]>> {
  return mapFound(await resolver.ask(name, "MX"), (records) =>
    records.map((record) => {
      const blank = record.indexOf(" ");
      return { preference: Number(record.slice(0, blank)), exchange: record.slice(blank + 1) };
    }),
  );
}

/** Keeps the statuses and reads the value.  */
function mapFound<T>(answer: DnsAnswer, read: (records: readonly string[]) => T): Lookup<T> {
  switch (answer.status) {
    case "found":
      return { status: "found", value: read(answer.value) };
    case "none":
      return { status: "none" };
    default:
      return answer;
  }
}
