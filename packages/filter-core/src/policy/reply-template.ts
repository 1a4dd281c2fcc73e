import { type Reply, refusal } from "@postern/smtp-filter";

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
    return "it needs a code from 400 to 599, optionally an enhanced code, and text";
  if (!/^[\x20-\x7e]*$/.test(rest)) return "it must be one line of printable ASCII";
  if (rest.length > 300)
    return `its text has ${rest.length} characters, but at most 300 are allowed`;
  if (enhanced !== undefined && enhanced[0] !== digits[0])
    return `${digits} and ${enhanced} must begin with the same digit`;
  if (enhanced === undefined && /^\d/.test(rest))
    return "text that begins with a digit would be read as an enhanced code";
  const unknown = /\{(?!(?:ip|rule|id|zone|url)\})[^}]*\}?/.exec(rest);
  if (unknown !== null)
    return `${unknown[0]} is not a variable: use {ip}, {rule}, {id}, {zone} and {url}`;
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
