declare const brand: unique symbol;

/** An IPv4 or IPv6 address as RFC 5952 writes it; a v4-mapped one is IPv4. Made only by {@link parseIpAddress}. */
export type IpAddress = string & { readonly [brand]: "IpAddress" };

/** A range of addresses. Made only by {@link parseNetwork}. */
export interface Network {
  /** The first address and the length, `192.0.2.0/24`. */
  readonly text: string;
  readonly bytes: readonly number[];
  readonly prefixLength: number;
}

/**
 * Parses an address in any form of RFC 4291 section 2.2 or as four decimal octets.
 * An `IPv6:` tag, square brackets and a zone index (`%eth0`) are taken off, as MTAs write all three.
 *
 * @returns the canonical form, or undefined if `text` is not an address.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  const bytes = parseBytes(undress(text));
  return bytes === undefined ? undefined : format(unmapped(bytes));
}

/** The address that these bytes are; undefined if they are not 4 or 16. */
export function ipAddressOf(bytes: Iterable<number>): IpAddress | undefined {
  const all = [...bytes];
  return all.length === 4 || all.length === 16 ? format(unmapped(all)) : undefined;
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: IpAddress): readonly number[] {
  return parseBytes(address) ?? [];
}

/** Whether the address is IPv6. */
export function isIpv6(address: IpAddress): boolean {
  return address.includes(":");
}

/**
 * Parses `192.0.2.0/24`, `2001:db8::/32` or a single address.
 *
 * @returns undefined if the text is no range, or has bits set behind its prefix.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const address = parseIpAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bytes = addressBytes(address);
  const digits = slash === -1 ? String(bytes.length * 8) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  const prefixLength = Number(digits);
  if (prefixLength > bytes.length * 8) return undefined;
  if (bytes.some((byte, i) => (byte & ~maskOf(prefixLength, i) & 0xff) !== 0)) return undefined;
  return { text: slash === -1 ? address : `${address}/${prefixLength}`, bytes, prefixLength };
}

/** Whether the range holds the address. IPv4 ranges hold no IPv6 address and the other way round. */
export function networkHas(network: Network, address: IpAddress): boolean {
  const bytes = addressBytes(address);
  if (bytes.length !== network.bytes.length) return false;
  return bytes.every(
    (byte, i) => (byte & maskOf(network.prefixLength, i)) === (network.bytes[i] ?? -1),
  );
}

/** The range of this length that holds the address: `/24` of 192.0.2.7 is 192.0.2.0/24. */
export function networkAround(address: IpAddress, prefixLength: number): Network {
  const bytes = addressBytes(address).map((byte, i) => byte & maskOf(prefixLength, i));
  return { text: `${format(bytes)}/${prefixLength}`, bytes, prefixLength };
}

/**
 * The name under which an address is looked up in the reverse tree or in a DNS list (RFC 5782 section 2.1).
 *
 * @param zone without a leading dot; default `in-addr.arpa` or `ip6.arpa` (RFC 3596 section 2.5).
 */
export function reversedName(address: IpAddress, zone?: string): string {
  const bytes = addressBytes(address);
  const units =
    bytes.length === 4
      ? bytes.map(String)
      : bytes.flatMap((byte) => [(byte >> 4).toString(16), (byte & 15).toString(16)]);
  return `${units.toReversed().join(".")}.${zone ?? (bytes.length === 4 ? "in-addr.arpa" : "ip6.arpa")}`;
}

function maskOf(prefixLength: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
  return (0xff00 >> bits) & 0xff;
}

function undress(text: string): string {
  let bare = text;
  if (bare.startsWith("[") && bare.endsWith("]")) bare = bare.slice(1, -1);
  if (/^ipv6:/i.test(bare)) bare = bare.slice(5);
  const zone = bare.indexOf("%");
  return zone > 0 && bare.includes(":") ? bare.slice(0, zone) : bare;
}

function parseBytes(text: string): readonly number[] | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The bytes of `a:b:c` or `a:b:192.0.2.1`; the dotted form only at the end. */
function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const dotted = i === groups.length - 1 ? parseIpv4(group) : undefined;
    if (dotted !== undefined) bytes.push(...dotted);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else return undefined;
  }
  return bytes;
}

function unmapped(bytes: readonly number[]): readonly number[] {
  const isMapped =
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255;
  return isMapped && bytes[11] === 255 ? bytes.slice(12) : bytes;
}

/** RFC 5952 section 4: lower case, no leading zeros, the longest run of at least two zero groups shortened. */
function format(bytes: readonly number[]): IpAddress {
  if (bytes.length === 4) return bytes.join(".") as IpAddress;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  let start = 0;
  let longest = 0;
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (groups[end] === "0") end += 1;
    if (end - i > longest) [start, longest] = [i, end - i];
  }
  if (longest < 2) return groups.join(":") as IpAddress;
  const head = groups.slice(0, start).join(":");
  return `${head}::${groups.slice(start + longest).join(":")}` as IpAddress;
}
