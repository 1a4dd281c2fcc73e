import { type Reply, refusal } from "./reply.ts";

/** A reply of a policy file, checked, with its variables still in it. Made only by {@link parseReplyTemplate}. */
export interface ReplyTemplate {
  readonly code: number;
  readonly enhanced: string | null;
  /** May hold {ip}, {rule}, {id}, {zone} and {url}. */
  readonly text: string;
}

/** What a reply may say of the case at hand. */
export interface ReplyValues {
  readonly ip: string;
  readonly rule: string;
  readonly id: string;
  readonly zone: string;
  /** Of a DNS list on the client; the zone where there is none. */
  readonly url: string;
}

const SHAPE = /^([45]\d\d) (?:([45]\.\d{1,3}\.\d{1,3}) )?(\S.*)$/;

/**
 * Reads `550 5.7.25 you must have rDNS`; the enhanced code may be left out.
 *
 * @returns the template, or a sentence that says what is wrong with the text.
 */
export function parseReplyTemplate(text: string): ReplyTemplate | string {
  const [, digits = "", enhanced, rest = ""] = SHAPE.exec(text) ?? [];
  if (digits === "")
    return "a reply is a code from 400 to 599, perhaps an enhanced code, and a text";
  if (!/^[\x20-\x7e]*$/.test(rest)) return "a reply is one line of printable ASCII";
  if (rest.length > 300) return `a reply's text has at most 300 characters, not ${rest.length}`;
  if (enhanced !== undefined && enhanced[0] !== digits[0])
    return `the classes of ${digits} and ${enhanced} differ`;
  if (enhanced === undefined && /^\d/.test(rest))
    return "a text that begins with a digit would be taken for an enhanced code";
  const unknown = /\{(?!(?:ip|rule|id|zone|url)\})[^}]*\}?/.exec(rest);
  if (unknown !== null)
    return `${unknown[0]} is no variable: there are {ip}, {rule}, {id}, {zone} and {url}`;
  return { code: Number(digits), enhanced: enhanced ?? null, text: rest };
}

/** The reply with its variables filled in. Each value is cut down to characters that mean nothing anywhere. */
export function fillReply(template: ReplyTemplate, values: ReplyValues): Reply {
  const text = template.text.replace(/\{(ip|rule|id|zone|url)\}/g, (_, name: keyof ReplyValues) =>
    name === "url"
      ? values.url.replace(/[^A-Za-z0-9.:_/?=&%~-]/g, "?").slice(0, 200)
      : values[name].replace(/[^A-Za-z0-9.:_-]/g, "?").slice(0, 64),
  );
  return refusal(template.code, template.enhanced, text);
}
