import { addressBytes, type IpAddress, isIpv6 } from "@postern/smtp-filter";

/** How much of an address a name contains; `half`: the last two octets. */
export type Share = "whole" | "half" | "none";

/** Looks for an address in a name, in the notations of providers. The work is linear in the length of the name. */
export function shareOf(address: IpAddress, text: string): Share {
  const bytes = addressBytes(address);
  return isIpv6(address) ? shareOfIpv6(bytes, text) : shareOfIpv4(bytes, text);
}

/**
 * Whole: three octets among the numbers of the name, in a row and either way round, whatever stands between;
 * or both pairs (`1-37-142.w198-18`); or three octets together in hexadecimal or filled up with zeros; or all
 * four as one number.
 */
function shareOfIpv4(octets: readonly number[], text: string): Share {
  const numbers = (text.match(/\d+/g) ?? []).map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  const has = (...row: readonly number[]) => holdsRow(numbers, row);
  if (has(a, b, c) || has(b, c, d) || has(c, b, a) || has(d, c, b)) return "whole";
  const hasHalf = has(c, d) || has(d, c);
  if (hasHalf && (has(a, b) || has(b, a))) return "whole";
  if (numbers.includes(((a * 256 + b) * 256 + c) * 256 + d)) return "whole";
  const hex = octets.map((octet) => octet.toString(16).padStart(2, "0"));
  const decimal = octets.map((octet) => String(octet).padStart(3, "0"));
  if ([hex, hex.toReversed(), decimal, decimal.toReversed()].some((all) => holdsThree(text, all)))
    return "whole";
  return hasHalf ? "half" : "none";
}

function holdsThree(text: string, all: readonly string[]): boolean {
  return text.includes(all.slice(0, 3).join("")) || text.includes(all.slice(1).join(""));
}

/**
 * Whole: four groups in a row, zeros left out (`2001-db8--25` has but three); or all nibbles, the network's or the
 * host's, together or parted, either way round.
 */
function shareOfIpv6(bytes: readonly number[], text: string): Share {
  const nibbles = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const groups = (nibbles.match(/.{4}/g) ?? []).map(parseGroup).filter((group) => group !== 0);
  const inText = text.split(/[^0-9a-z]+/).map(parseGroup);
  const found = inText.filter((group) => group !== 0);
  const width = Math.max(3, Math.min(4, groups.length));
  const rows = groups.map((_, i) => groups.slice(i, i + width));
  if (rows.some((row) => row.length === width && holdsRow(found, row))) return "whole";
  const packed = text.replaceAll(/[._-]/g, "");
  const halves = [nibbles.slice(0, 16), nibbles.slice(16)].filter((half) =>
    /^0{0,7}[^0]/.test(half),
  );
  return halves.some((half) => packed.includes(half) || packed.includes(reversed(half)))
    ? "whole"
    : "none";
}

/** The value of up to four hexadecimal digits; `NaN`, which equals nothing, for another text. An empty one is 0. */
function parseGroup(text: string): number {
  return /^[0-9a-f]{0,4}$/.test(text) ? Number.parseInt(text || "0", 16) : Number.NaN;
}

function reversed(text: string): string {
  return [...text].toReversed().join("");
}

function holdsRow(numbers: readonly number[], row: readonly number[]): boolean {
  return numbers.some((_, i) => row.every((value, k) => numbers[i + k] === value));
}
