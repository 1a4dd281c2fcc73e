import { isAbsolute, resolve } from "node:path";
import { type Domain, type Network, parseNetwork } from "@postern/smtp-filter";
import { z } from "zod";
import { parseAnyDomain } from "./unicode-names.ts";

/**
 * Why a value is refused: `must be ...` or `is not ...`, see describeValue in source.ts; or a sentence that says all,
 * where the value must not be shown.
 */
export type Complaint = { readonly wrong: string } | { readonly sentence: string };

/**
 * A map with these keys and no others. The message of an unknown key is the list of the known ones.
 *
 * @param noun what a key of it is called.
 */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  noun = "key",
): z.ZodObject<Shape, z.core.$strict> {
  const known = [noun, ...Object.keys(shape)].join(" ");
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? known : ""),
  });
}

export function list<Item extends z.ZodType>(item: Item): z.ZodArray<Item> {
  return z.array(item, { error: "" });
}

/** One item or a list of them. */
export function oneOrMore<Output>(item: z.ZodType<Output>): z.ZodType<readonly Output[]> {
  return z.union([item.transform((one) => [one]), list(item)]);
}

/**
 * Text that a parser turns into a value or refuses.
 *
 * @param pattern for editors, which cannot run the parser: fits all that the parser takes, and maybe more.
 */
export function text<T extends object | string>(
  parse: (text: string) => T | Complaint,
  pattern?: RegExp,
): z.ZodType<Exclude<T, Complaint>> {
  const string = z.string({ error: "" });
  const shaped = pattern === undefined ? string : string.meta({ pattern: pattern.source });
  return shaped.transform((written, context) => {
    const parsed = parse(written);
    if (!isComplaint(parsed)) return parsed as Exclude<T, Complaint>;
    context.issues.push(
      "wrong" in parsed
        ? { code: "custom", message: parsed.wrong, input: written }
        : {
            ...{ code: "custom", message: parsed.sentence, input: written },
            params: { isSentence: true },
          },
    );
    return z.NEVER;
  });
}

/** Text of this pattern. */
export function matching(pattern: RegExp, wrong: string): z.ZodType<string> {
  return text<string>((written) => (pattern.test(written) ? written : { wrong }), pattern);
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodType<Word> {
  return z.enum(words as readonly [Word, ...Word[]], { error: "" }) as z.ZodType<Word>;
}

export function number(least: number, greatest: number): z.ZodNumber {
  const error = `must be a number from ${least} to ${greatest}`;
  return z.number({ error }).min(least, { error }).max(greatest, { error });
}

export function wholeNumber(least: number, greatest: number): z.ZodNumber {
  const error = `must be a whole number from ${least} to ${greatest}`;
  return z.int({ error }).min(least, { error }).max(greatest, { error });
}

export const network: z.ZodType<Network> = text(
  (written) => parseNetwork(written) ?? { wrong: whyNoNetwork(written) },
  /^[0-9A-Fa-f:.]+(?:\/\d{1,3})?$/,
);

/** Letters of all scripts, and no characters that stand between names. */
export const DOMAIN_SHAPE: RegExp = /^(?!.*\.\.)[^\s%/\\@:[\]?#]+$/;

export const domain: z.ZodType<Domain> = text(
  (written) => parseAnyDomain(written) ?? { wrong: "must be a domain name such as example.org" },
  DOMAIN_SHAPE,
);

/** A path, made absolute. */
export function resolvePath(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}

function whyNoNetwork(written: string): string {
  const [address = "", prefix] = written.split("/");
  if (prefix !== undefined && parseNetwork(address) !== undefined && /^\d+$/.test(prefix)) {
    const greatest = address.includes(":") ? 128 : 32;
    return Number(prefix) > greatest
      ? `is not a network: the prefix length is at most ${greatest}`
      : `is not a network: ${address} has bits set beyond the first ${prefix}`;
  }
  return 'must be an IP address or network, such as 192.0.2.7, 192.0.2.0/24 or "2001:db8::/32"';
}

function isComplaint(parsed: object | string): parsed is Complaint {
  return typeof parsed === "object" && ("wrong" in parsed || "sentence" in parsed);
}
