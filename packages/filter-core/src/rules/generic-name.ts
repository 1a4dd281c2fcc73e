import { addressBytes, type IpAddress, isIpv6 } from "../ip-address.ts";
import type { Domain } from "../names.ts";

/** A reverse name that was made up for an address, not given to a machine. */
export interface GenericName {
  /** `static` where the name itself says that the line or machine keeps its address. */
  readonly kind: "dynamic" | "static";
  /** Completes the sentence that begins with the name. */
  readonly reason: string;
}

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const DYNAMIC_WORDS = words(`
  adsl bband bb broadband cable cablemodem catv cgn cgnat cpe dhcp dial dialin dialup docsis dsl dyn dynamic
  dynamicip dynip fiber fibra fibre ftth ftthb fttb fttx gpon gprs home hsd hsdpa isdn lte mobile modem nat ppp
  pppoe pool pools res residential sdsl umts user users vdsl wifi wimax wireless xdsl unassigned unused`);

const STATIC_WORDS = words(`
  biz business cloud colo colocation corp ded dedi dedicated enterprise fix fixed fixip host hosted hosting
  instance server servers srv stat static staticip vm vps`);

const MAIL_WORDS = words(`
  imap lists mail mailer mailgw mailhost mailout mails mailserver mout mta mx newsletter out outbound outgoing
  pop post relay sendgrid smtp smtpout webmail`);

/** Second-level names under which countries let people register, as in `example.co.uk`. */
const SHARED_SECOND_LEVELS = words("ac ad co com ed edu go gob gov gub mil ne net nom or org");

/**
 * Recognizes a generic reverse name: the address is in the name, or a whole word of the host labels says
 * "dynamic". A word for mail in the host labels outweighs such a word: pools of mail servers exist.
 * The work is linear in the length of the name.
 */
export function recognizeGenericName(name: Domain, address: IpAddress): GenericName | undefined {
  const host = hostPart(name);
  const tokens = host.split(/[^a-z]+/).filter((token) => token !== "");
  const isMail = tokens.some((token) => MAIL_WORDS.has(token));
  const isStatic = tokens.some((token) => STATIC_WORDS.has(token));
  const kind = isMail || isStatic ? "static" : "dynamic";
  if (holdsAddress(host, address)) return { kind, reason: "has the address in it" };
  const word = tokens.find((token) => DYNAMIC_WORDS.has(token));
  if (word === undefined || isMail) return undefined;
  return { kind, reason: `has the word "${word}" in it` };
}

/** What stands before the registered domain, guessed without a list of public suffixes. */
function hostPart(name: Domain): string {
  const labels = name.split(".");
  const [topLevel = "", secondLevel = ""] = labels.toReversed();
  const isShared = topLevel.length === 2 && SHARED_SECOND_LEVELS.has(secondLevel);
  return labels.slice(0, isShared ? -3 : -2).join(".");
}

function holdsAddress(host: string, address: IpAddress): boolean {
  return isIpv6(address) ? holdsIpv6(host, address) : holdsIpv4(host, addressBytes(address));
}

/** Three octets in a row, either way round, in decimal; or all four in hexadecimal or zero-padded decimal. */
function holdsIpv4(host: string, octets: readonly number[]): boolean {
  const reversed = octets.toReversed();
  const numbers = [...host.matchAll(/\d+/g)];
  const rows = [octets, reversed].flatMap((all) => [all.slice(0, 3), all.slice(1)]);
  for (let i = 0; i + 3 <= numbers.length; i += 1) {
    const row = numbers.slice(i, i + 3);
    if (isAdjacent(row) && rows.some((octets) => octets.every((o, k) => o === Number(row[k]?.[0]))))
      return true;
  }
  return [octets, reversed].some(
    (all) =>
      host.includes(all.map((octet) => octet.toString(16).padStart(2, "0")).join("")) ||
      host.includes(all.map((octet) => String(octet).padStart(3, "0")).join("")),
  );
}

/** Whether one character, no more, stands between each two numbers. */
function isAdjacent(row: readonly RegExpExecArray[]): boolean {
  return row.every((match, k) => {
    const next = row[k + 1];
    return next === undefined || match.index + match[0].length + 1 === next.index;
  });
}

/** All nibbles in a row, or the lower half of them, either way round; or the groups with dashes. */
function holdsIpv6(host: string, address: IpAddress): boolean {
  const nibbles = addressBytes(address)
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const packed = host.replaceAll(/[._-]/g, "");
  const lower = nibbles.slice(16);
  const candidates = lower.startsWith("00000000") ? [nibbles] : [nibbles, lower];
  const found = candidates.some(
    (text) => packed.includes(text) || packed.includes([...text].toReversed().join("")),
  );
  const groups = (nibbles.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, ""));
  return found || host.includes(address.replaceAll(":", "-")) || host.includes(groups.join("-"));
}
