import { type Domain, parseDomain } from "@postern/filter-core";
import { z } from "zod";
import type { List } from "./config-types.ts";
import { knownPage } from "./known-lists.ts";
import { listCodes } from "./list-codes.ts";
import { parseAnyDomain } from "./unicode-names.ts";
import { type Complaint, list, strict, text } from "./values.ts";

/** An https URL with a host and no account. */
const PAGE = /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][\x21-\x7e]*)?$/;
const MAX_PAGE_LENGTH = 200;

const fields = strict({
  zone: secret<Domain>(
    (written) =>
      parseAnyDomain(written) ?? { wrong: "is no domain name, such as zen.spamhaus.org" },
  ).describe("The zone, `zen.spamhaus.org`."),
  operator: text<string>((name) =>
    /^[a-z0-9][a-z0-9-]{0,31}$/.test(name)
      ? name
      : { wrong: "is no word of small letters, digits and -" },
  ).describe("Who runs it: the debts of one operator's lists are capped together."),
  codes: listCodes.describe(
    'What its answers mean, `{ "127.0.0.4-7": xbl, "127.0.*.2": dnswl-med }`.',
  ),
  url: text<string>(parsePage)
    .optional()
    .describe(
      "The page that says why an address is listed, `https://check.example/{ip}`: {url} in replies. Default: the one we know of the zone.",
    ),
  key: secret<string>(parseKey)
    .optional()
    .describe("The access key of a paid list, asked for as `<key>.<zone>`; never shown anywhere."),
}).transform(({ zone: written, operator, codes, url, key: given }, context): List => {
  const { zone, key: found } = splitZone(written);
  const key = given ?? found;
  const query = key === null ? zone : parseDomain(`${key}.${zone}`);
  const complain = (wrong: string, at: string): never => {
    context.issues.push(sentence(wrong, written, [at]));
    return z.NEVER;
  };
  if (given !== undefined && found !== null)
    return complain("is given twice: the zone begins with one", "key");
  if (query === undefined) return complain("is too long, together with the zone", "key");
  if (key !== null && url?.toLowerCase().includes(key.toLowerCase()))
    return complain("holds the access key, and clients are told the page", "url");
  const keyFrom = found === null ? (given === undefined ? null : "key") : "zone";
  return { zone, query, operator, codes, url: url ?? knownPage(zone), keyFrom };
});

const entry = z.preprocess((value, context) => refuse(whyNoEntry(value), value, context), fields);

/** DNS lists. No complaint shows what was written where an access key may be: in a zone, a key, or in its place. */
export const lists: z.ZodType<readonly List[]> = z.preprocess(
  (value, context) =>
    refuse(Array.isArray(value) ? undefined : "this is no list, [a, b]", value, context),
  list(entry),
);

function refuse(wrong: string | undefined, value: unknown, context: z.RefinementCtx): unknown {
  if (wrong === undefined || value === null) return value;
  context.issues.push(sentence(wrong, null, []));
  return z.NEVER;
}

function whyNoEntry(value: unknown): string | undefined {
  if (typeof value !== "object" || Array.isArray(value))
    return "this is no map, { zone: zen.spamhaus.org, operator: spamhaus, codes: { ... } }";
  return Object.keys(value ?? {}).some((name) => name.includes(":"))
    ? "this has a key with a colon in it: is the blank behind the colon missing?"
    : undefined;
}

/** Text that no complaint may show. */
function secret<T extends string>(parse: (text: string) => T | Complaint): z.ZodType<T> {
  return z.unknown().transform((written, context): T => {
    const parsed = typeof written === "string" ? parse(written) : { wrong: whyNoText(written) };
    if (typeof parsed === "string") return parsed;
    context.issues.push(sentence(parsed.wrong, null, []));
    return z.NEVER;
  });
}

function sentence(message: string, input: unknown, path: PropertyKey[]) {
  return { code: "custom" as const, message, input, path, params: { isSentence: true } };
}

function whyNoText(written: unknown): string {
  if (written === undefined) return "is missing";
  return written === null
    ? "has no value: give it one, or remove the key"
    : "is no text: put it in quotes";
}

/** A zone as lists hand it out to a customer: its first label is the access key. */
function splitZone(written: Domain): { readonly zone: string; readonly key: string | null } {
  const [, label = "", zone = ""] = /^([a-z0-9]{20,})\.(.+\..+)$/.exec(written) ?? [];
  const isKey = /[a-z]/.test(label) && /[0-9]/.test(label);
  return isKey ? { zone, key: label } : { zone: written, key: null };
}

/** A key is one label of a name, so it has no more than 63 characters (RFC 1035 section 2.3.4). */
function parseKey(written: string): string | Complaint {
  return /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(written)
    ? written
    : { wrong: "is no access key: one has at most 63 letters, digits, - and _" };
}

function parsePage(written: string): string | Complaint {
  const page = written.replaceAll("{ip}", "192.0.2.1");
  if (written.length > MAX_PAGE_LENGTH)
    return { wrong: `is longer than ${MAX_PAGE_LENGTH} characters` };
  if (!PAGE.test(page) || URL.parse(page) === null)
    return { wrong: "is no page, such as https://check.example/{ip}: it begins with https://" };
  if (/[{}]/.test(page)) return { wrong: "has another variable than {ip}" };
  return written;
}
