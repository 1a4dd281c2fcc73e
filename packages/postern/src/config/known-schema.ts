import {
  type KnownNames,
  type NameShape,
  parseNameShape,
  parseSharedPool,
  type SharedPool,
} from "@postern/filter-core";
import type { Domain } from "@postern/smtp-filter";
import { z } from "zod";
import { optional, required } from "./key.ts";
import { parseAnyDomain } from "./unicode-names.ts";
import { list, matching, strict, text } from "./values.ts";

/** One word of a list: a name that is added, or, with `!` before it, one that is taken out. */
export interface KnownWord<T> {
  readonly text: string;
  /** null: it is taken out. */
  readonly value: T | null;
}

/** One list of one policy file. */
export interface KnownList<T> {
  /** When it was last looked through, `2026-11-24`; null where the file does not say. */
  readonly checked: string | null;
  readonly words: readonly KnownWord<T>[];
}

/** `known` of one policy file, without inherited values. */
export type KnownDraft = {
  readonly [Name in keyof KnownNames]?: KnownList<KnownNames[Name][number]> | undefined;
};

const word = <T extends object | string>(
  parse: (written: string) => T | undefined,
  wrong: string,
): z.ZodType<KnownWord<T>> =>
  text<KnownWord<T>>((written) => {
    const isRemoval = written.startsWith("!");
    const name = isRemoval ? written.slice(1) : written;
    const value = parse(name);
    return value === undefined ? { wrong } : { text: name, value: isRemoval ? null : value };
  });

const date = matching(/^\d{4}-\d\d-\d\d$/, "must be a date such as 2026-11-24");

const known = <T extends object | string>(
  parse: (written: string) => T | undefined,
  wrong: string,
): z.ZodType<KnownList<T>> => {
  const words = list(word(parse, wrong));
  return z.union([
    words.transform((all) => ({ checked: null, words: all })),
    strict({
      checked: required(date, { meaning: "When the list was last looked through." }),
      names: required(words, { meaning: "The names." }),
    }).transform(({ checked, names }) => ({ checked, words: names })),
  ]);
};

const domains = known<Domain>(parseAnyDomain, "must be a domain name such as example.org");
const shapes = known<NameShape>(
  parseNameShape,
  "must be the shape of a name: * stands for any characters, N for a number, as in ipN.ip-*.example",
);
const pools = known<SharedPool>(
  parseSharedPool,
  "must be a domain name or a network such as 192.0.2.0/24",
);

/** A list that adds to the inherited one. */
const added = <T>(schema: z.ZodType<T>, meaning: string): z.ZodType<T | undefined> =>
  optional(schema, { meaning, otherwise: "what is inherited" });

/** Every key of `known`. */
export const knownDraft: z.ZodType<KnownDraft> = strict(
  {
    freeTenants: added(
      domains,
      "Domains below which anybody gets a name for nothing (rule from.free-tenant).",
    ),
    freeMail: added(domains, "Providers of free mailboxes (rule reply-to.elsewhere)."),
    providerSigners: added(
      shapes,
      "Names in which providers sign for their customers: `{author}` is the author domain, `{label}` its first label (rule author.unproved).",
    ),
    staticNames: added(
      shapes,
      "Reverse names of hosters that look like those of access lines (rdns.generic-static).",
    ),
    lineNames: added(shapes, "Reverse names of access lines (rdns.generic)."),
    sharedPools: added(
      pools,
      "Large providers that send mail for everybody: networks, or domains of forward-confirmed reverse names. Their addresses get no reputation.",
    ),
  },
  "list",
);
