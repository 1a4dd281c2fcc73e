import { parseDnsScript, scriptedResolver } from "@postern/dns";
import type { SpfFacts } from "@postern/filter-core";
import { fakeClock } from "@postern/smtp-filter/testing";
import { MessageCheck, type MessageResults } from "../message-check.ts";

/** For tests: a message through the check, as a mail server hands it over. */
export interface CheckedMail {
  readonly found: MessageResults;
  /** Every question that was asked, `TXT name`. */
  readonly questions: readonly string[];
}

/** 2026-11-24T12:00:00Z. */
export const NOW_S = 1_795_521_600;

/** Of a sender without a record. */
export const NO_SPF: SpfFacts = {
  mailfrom: { result: "none", domain: null, permits: "some" },
  helo: { result: "none", domain: null, permits: "some" },
};

/**
 * @param message latin1, CRLF.
 * @param dns as in `try --jsonl`.
 */
export async function checkMail(
  message: string,
  dns: Readonly<Record<string, unknown>>,
  spf: SpfFacts = NO_SPF,
  cutBytes: number = 65_535,
): Promise<CheckedMail> {
  const questions: string[] = [];
  const resolver = scriptedResolver(parseDnsScript(dns), (name, type) =>
    questions.push(`${type} ${name}`),
  );
  const clock = { ...fakeClock(), wallMs: () => NOW_S * 1000 };
  const check = new MessageCheck({ resolver, clock });
  const split = message.indexOf("\r\n\r\n");
  for (const field of message.slice(0, split).split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(":");
    check.header(latin1(field.slice(0, colon)), latin1(field.slice(colon + 1)));
  }
  const body = latin1(message.slice(split + 4));
  for (let at = 0; at < body.length; at += cutBytes) check.body(body.subarray(at, at + cutBytes));
  return { found: await check.end(spf), questions };
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
