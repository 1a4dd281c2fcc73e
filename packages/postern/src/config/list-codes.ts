import { z } from "zod";

/** Lists answer from this network when they refuse a query; it never means that an address is listed (Spamhaus, Barracuda). */
const ERRORS = [127, 255, 255];
const LABEL = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** A map from answer patterns to labels, `{ "127.0.0.4-7": xbl, "127.0.*.2": dnswl-med }`. */
export const listCodes: z.ZodType<Readonly<Record<string, string>>> = z
  .record(z.string(), z.string({ error: "" }).meta({ pattern: LABEL.source }), { error: "" })
  .transform((map, context) => {
    for (const [pattern, label] of Object.entries(map)) {
      const at = { code: "custom" as const, input: label, path: [pattern] };
      const message = whyNoCode(pattern);
      if (message !== undefined) context.issues.push({ ...at, message, params: { of: "key" } });
      else if (!LABEL.test(label))
        context.issues.push({
          ...at,
          message: "must be a label of lower-case letters, digits and -, such as sbl",
        });
    }
    return map;
  });

/** What is wrong with a pattern; undefined: nothing. */
function whyNoCode(pattern: string): string | undefined {
  const octets = pattern.split(".").map(parseOctets);
  const [first] = octets;
  if (octets.length !== 4 || octets.includes(undefined))
    return "must be an answer of a list, such as 127.0.0.2, 127.0.0.4-7 or 127.0.*.2";
  if (first?.[0] !== 127 || first[1] !== 127)
    return "is outside 127.0.0.0/8, the network that lists answer from";
  return ERRORS.every((octet, i) => has(octets[i], octet))
    ? "includes 127.255.255.0/24, which lists use for errors, not for listings"
    : undefined;
}

function parseOctets(text: string): readonly [number, number] | undefined {
  if (text === "*") return [0, 255];
  const [, from = "", to = from] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(text) ?? [];
  if (from === "" || Number(to) > 255 || Number(from) > Number(to)) return undefined;
  return [Number(from), Number(to)];
}

function has(range: readonly [number, number] | undefined, octet: number): boolean {
  return range !== undefined && range[0] <= octet && octet <= range[1];
}
