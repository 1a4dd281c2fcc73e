import { MODES, type Mode, type NamePattern, type Selector } from "@postern/filter-core";
import { z } from "zod";
import { optional, required } from "./key.ts";
import { parseAnyAddress, parseAnyNamePattern } from "./unicode-names.ts";
import { DOMAIN_SHAPE, matching, network, oneOf, oneOrMore, strict, text } from "./values.ts";

/** An entry of deny or allow, or a file of entries. */
export interface EntryDraft {
  readonly selectors: readonly Selector[];
  readonly until: string | null;
  readonly text: string;
  readonly file?: string | undefined;
  /** Of an allow entry: it applies without authentication. */
  readonly unproved?: boolean | undefined;
}

/** An entry of recipients: applies to each address in `to`. */
export interface RecipientDraft extends EntryDraft {
  readonly to: readonly string[];
  readonly mode: Mode;
}

const pattern: z.ZodType<NamePattern> = text(
  (written) =>
    parseAnyNamePattern(written) ?? {
      wrong: 'must be a domain name such as example.com or, for its subdomains, "*.example.com"',
    },
  DOMAIN_SHAPE,
);

const address: z.ZodType<string> = text<string>(
  (written) =>
    parseAnyAddress(written) ?? { wrong: "must be a mail address such as a@example.com" },
  /^[^\s<>]+$/,
);

const date: z.ZodType<string> = text<string>(
  (written) => (isDate(written) ? written : { wrong: "must be a date such as 2027-01-31" }),
  /^\d{4}-\d\d-\d\d$/,
);

const file: z.ZodType<string> = matching(/^[^\0]+$/, "must be the path of a file");

/** One way of saying whom an entry is about. */
const selector = <T>(schema: z.ZodType<T>, meaning: string): z.ZodType<T | undefined> =>
  optional(schema, { meaning, otherwise: "any" });

const selectors = {
  client: selector(network, "The IP address of the client, or a network."),
  senderDomain: selector(pattern, "The domain of MAIL FROM."),
  sender: selector(address, "The address of MAIL FROM."),
  dkimDomain: selector(pattern, "The domain of a DKIM signature that passes."),
  reverseName: selector(pattern, "The reverse name, if it is forward-confirmed (FCrDNS)."),
  helo: selector(pattern, "The HELO or EHLO name."),
  recipient: selector(address, "A recipient."),
};

const common = {
  until: optional(date, {
    meaning: "The last day on which the entry applies, in UTC.",
    otherwise: "it applies for ever",
  }),
  file: optional(file, {
    meaning:
      "A file with one entry per line: an IP address or network, a@example.com, example.com or *.example.com.",
    otherwise: "none",
  }),
};

const unproved = optional(z.boolean(), {
  meaning:
    "true: an entry by helo, sender or senderDomain applies even if neither SPF nor DMARC authenticates it.",
  otherwise: "`false`",
});

type Selected = z.output<z.ZodObject<typeof selectors>>;

export const denyEntry: z.ZodType<EntryDraft> = strict({ ...selectors, ...common }).transform(
  readEntry,
);

export const allowEntry: z.ZodType<EntryDraft> = strict({
  ...selectors,
  ...common,
  unproved,
}).transform(({ unproved: isWaived, ...rest }, context) => ({
  ...readEntry(rest, context),
  unproved: isWaived,
}));

export const recipientEntry: z.ZodType<RecipientDraft> = strict({
  to: selector(oneOrMore(address), "A recipient or a list of them."),
  ...selectors,
  ...common,
  mode: required(oneOf<Mode>(MODES), { meaning: "How these recipients are treated." }),
}).transform(({ until = null, file: path, to = [], mode, ...rest }, context) => {
  const found = selectorsOf(rest);
  complain(context, whyNoEntry(found.length + to.length, path));
  return { selectors: found, until, text: textOf(found), file: path, to, mode };
});

/** Selectors as explanations show them. */
export function textOf(selectors: readonly Selector[]): string {
  return selectors.map((selector) => `${selector.by} ${wordOf(selector)}`).join(", ");
}

function readEntry(
  { until, file: path, ...rest }: Selected & z.output<z.ZodObject<typeof common>>,
  context: z.core.$RefinementCtx,
): EntryDraft {
  const found = selectorsOf(rest);
  complain(context, whyNoEntry(found.length, path));
  return { selectors: found, until: until ?? null, text: textOf(found), file: path };
}

function wordOf(selector: Selector): string {
  if (selector.by === "client") return selector.network.text;
  if ("address" in selector) return Buffer.from(selector.address, "latin1").toString("utf8");
  const { name, scope } = selector.domain;
  return scope === "below" ? `*.${name}` : name;
}

function selectorsOf(entry: Selected): readonly Selector[] {
  const { client, senderDomain, sender, dkimDomain, reverseName, helo, recipient } = entry;
  return [
    ...(client ? [{ by: "client", network: client } as const] : []),
    ...(senderDomain ? [{ by: "senderDomain", domain: senderDomain } as const] : []),
    ...(sender ? [{ by: "sender", address: sender } as const] : []),
    ...(dkimDomain ? [{ by: "dkimDomain", domain: dkimDomain } as const] : []),
    ...(reverseName ? [{ by: "reverseName", domain: reverseName } as const] : []),
    ...(helo ? [{ by: "helo", domain: helo } as const] : []),
    ...(recipient ? [{ by: "recipient", address: recipient } as const] : []),
  ];
}

function whyNoEntry(count: number, path: string | undefined): string | undefined {
  if (path !== undefined && count > 0)
    return "an entry has either a file or conditions of its own: remove one of them";
  if (path === undefined && count === 0)
    return `an entry needs a condition (${Object.keys(selectors).join(", ")}) or a file`;
  return undefined;
}

function complain(context: z.core.$RefinementCtx, message: string | undefined): void {
  if (message === undefined) return;
  context.issues.push({ code: "custom", message, input: null, params: { isSentence: true } });
}

function isDate(written: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(written) ?? [];
  if (year === undefined) return false;
  const time = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return time.toISOString().slice(0, 10) === written;
}
