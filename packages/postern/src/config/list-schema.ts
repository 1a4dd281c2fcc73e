import { type Domain, parseDomain } from "@postern/smtp-filter";
import { z } from "zod";
import { optional, required } from "./key.ts";
import { knownPage } from "./known-lists.ts";
import { listCodes } from "./list-codes.ts";
import { parseAnyDomain } from "./unicode-names.ts";
import { type Complaint, DOMAIN_SHAPE, list, matching, strict, text } from "./values.ts";

/** A DNS list and what its answers mean. */
export interface List {
  /** As it is shown: without the access key. */
  readonly zone: string;
  /** As it is asked, `key.zone` where there is an access key: never to be shown. */
  readonly query: string;
  readonly operator: string;
  /** From patterns of answers, `127.0.0.4-7` or `127.0.*.2`, to the labels they stand for. */
  readonly codes: Readonly<Record<string, string>>;
  /** Its page on an address, with the variable {ip}; null: there is none. */
  readonly url: string | null;
  /** Where the access key was written: `key`, or by mistake in the `zone`; null: there is none. */
  readonly keyFrom: "key" | "zone" | null;
}

/** An https URL with a host and no account. */
const PAGE = /^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][\x21-\x7e]*)?$/;
const MAX_PAGE_LENGTH = 200;
/** A key is one label of a name, so it has no more than 63 characters (RFC 1035 section 2.3.4). */
const KEY = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

const fields = strict({
  zone: required(
    secret<Domain>(
      (written) =>
        parseAnyDomain(written) ?? { wrong: "must be a domain name such as zen.spamhaus.org" },
      DOMAIN_SHAPE,
    ),
    { meaning: "The zone, `zen.spamhaus.org`." },
  ),
  operator: required(
    matching(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be a word of lower-case letters, digits and -"),
    { meaning: "Who runs the list: the debts of all lists of one operator are capped together." },
  ),
  codes: required(listCodes, {
    meaning: 'What each answer means, `{ "127.0.0.4-7": xbl, "127.0.*.2": dnswl-med }`.',
    each: "answer",
  }),
  url: optional(text<string>(parsePage, /^https:\/\//), {
    meaning:
      "The page that explains a listing, `https://check.example/{ip}`; replies show it as {url}.",
    otherwise: "the list's own page, if it is a known one",
  }),
  key: optional(secret<string>(parseKey, KEY), {
    meaning: "The access key of a paid list, used as `<key>.<zone>` in queries and never shown.",
    otherwise: "none",
  }),
}).transform(({ zone: written, operator, codes, url, key: given }, context): List => {
  const { zone, key: found } = splitZone(written);
  const key = given ?? found;
  const query = key === null ? zone : parseDomain(`${key}.${zone}`);
  const complain = (wrong: string, at: string): never => {
    context.issues.push(sentence(wrong, written, [at]));
    return z.NEVER;
  };
  if (given !== undefined && found !== null)
    return complain(
      "is given twice: the zone begins with an access key, too; remove one of them",
      "key",
    );
  if (query === undefined)
    return complain("is too long: key and zone together exceed the length of a domain name", "key");
  if (key !== null && url?.toLowerCase().includes(key.toLowerCase()))
    return complain("contains the access key, but clients see this page: remove the key", "url");
  const keyFrom = found === null ? (given === undefined ? null : "key") : "zone";
  return { zone, query, operator, codes, url: url ?? knownPage(zone), keyFrom };
});

const entry = z.preprocess((value, context) => refuse(whyNoEntry(value), value, context), fields);

/** DNS lists. No message shows a value that may hold an access key: a zone, a key, or whatever stands in their place. */
export const lists: z.ZodType<readonly List[]> = z.preprocess(
  (value, context) =>
    refuse(Array.isArray(value) ? undefined : "must be a list, such as [a, b]", value, context),
  list(entry),
);

function refuse(wrong: string | undefined, value: unknown, context: z.RefinementCtx): unknown {
  if (wrong === undefined || value === null) return value;
  context.issues.push(sentence(wrong, null, []));
  return z.NEVER;
}

function whyNoEntry(value: unknown): string | undefined {
  if (typeof value !== "object" || Array.isArray(value))
    return "must be a map, such as { zone: zen.spamhaus.org, operator: spamhaus, codes: { ... } }";
  return Object.keys(value ?? {}).some((name) => name.includes(":"))
    ? "a key here contains a colon: put a space after the colon"
    : undefined;
}

/** Text that messages must not show. */
function secret<T extends string>(
  parse: (text: string) => T | Complaint,
  { source: pattern }: RegExp,
): z.ZodType<T> {
  return z
    .unknown()
    .meta({ type: "string", pattern })
    .transform((written, context): T => {
      const parsed = typeof written === "string" ? parse(written) : { wrong: whyNoText(written) };
      if (typeof parsed === "string") return parsed;
      context.issues.push(sentence("wrong" in parsed ? parsed.wrong : parsed.sentence, null, []));
      return z.NEVER;
    });
}

function sentence(message: string, input: unknown, path: PropertyKey[]) {
  return { code: "custom" as const, message, input, path, params: { isSentence: true } };
}

function whyNoText(written: unknown): string {
  if (written === undefined) return "is missing";
  return written === null
    ? "has no value: add one, or remove the key"
    : "must be text: put it in quotes";
}

/** Splits a zone as a list gives it to a customer, with the access key as its first label. */
function splitZone(written: Domain): { readonly zone: string; readonly key: string | null } {
  const [, label = "", zone = ""] = /^([a-z0-9]{20,63})\.([^.]+\..+)$/.exec(written) ?? [];
  const isKey = /[a-z]/.test(label) && /[0-9]/.test(label);
  return isKey ? { zone, key: label } : { zone: written, key: null };
}

function parseKey(written: string): string | Complaint {
  return KEY.test(written)
    ? written
    : { wrong: "must be an access key: at most 63 letters, digits, - and _" };
}

function parsePage(written: string): string | Complaint {
  const page = written.replaceAll("{ip}", "192.0.2.1");
  if (written.length > MAX_PAGE_LENGTH)
    return { wrong: `is longer than ${MAX_PAGE_LENGTH} characters` };
  if (!PAGE.test(page) || URL.parse(page) === null)
    return { wrong: "must be an https URL such as https://check.example/{ip}" };
  if (/[{}]/.test(page)) return { wrong: "has a variable other than {ip}" };
  return written;
}
