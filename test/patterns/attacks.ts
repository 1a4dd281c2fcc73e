import { type RecordType, type Resolver, resolverOf } from "@postern/dns";
import { evaluateSpf, MessageCheck } from "@postern/mail-auth";
import { NO_SPF, testKey } from "@postern/mail-auth/testing";
import type { IpAddress } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";

const SIGNATURE =
  "v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=From:Subject; bh=AAAA; b=BBBB";
const SEAL = "i=1; a=rsa-sha256; cv=none; d=a.example; s=s; t=1795521600; b=AAAA";
const ARC_SIGNATURE =
  "i=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=From:Subject; bh=AAAA; b=BBBB";
const ARC_RESULTS = "i=1; mx.a.example; dkim=pass header.d=a.example; spf=pass";

/** Runs a session in which one text, that a client or his DNS controls, holds what is given. */
export type Attack = (text: string) => Promise<unknown>;

/** By the place that the text stands in. */
export const attacks: Readonly<Record<string, Attack>> = {
  ...spfAttacks(),
  ...fieldAttacks("DKIM-Signature", SIGNATURE),
  ...fieldAttacks("ARC-Seal", SEAL),
  ...fieldAttacks("ARC-Message-Signature", ARC_SIGNATURE),
  ...fieldAttacks("ARC-Authentication-Results", ARC_RESULTS),
  ...recordAttacks(),
  "the value of a signed field": (text) =>
    check([
      ["DKIM-Signature", SIGNATURE],
      ["Subject", text],
    ]),
  "the name of a signed field": (text) =>
    check([
      ["DKIM-Signature", SIGNATURE],
      [`From${text}`, "a"],
    ]),
  From: (text) => check([["From", text]]),
  "the domain of From": (text) => check([["From", `<a@${text}>`]]),
  "List-Unsubscribe": (text) =>
    check([
      ["From", "a@a.example"],
      ["List-Unsubscribe", text],
    ]),
};

function spfAttacks(): Record<string, Attack> {
  const terms = [
    "redirect=",
    "include:",
    "exists:",
    "a:",
    "a/",
    "mx:",
    "ptr:",
    "ip4:",
    "ip6:",
    "exp=",
    "x=",
    "",
    "?",
  ];
  const records: Record<string, Attack> = {};
  for (const term of terms) {
    records[`SPF ${term}`] = (text) => spf({ record: `v=spf1 ${term}${text} -all` });
    records[`SPF ${term} a domain, then`] = (text) =>
      spf({ record: `v=spf1 ${term}x.${text} -all` });
    records[`SPF ${term} then a domain`] = (text) =>
      spf({ record: `v=spf1 ${term}${text}.example -all` });
    records[`SPF ${term}%{}`] = (text) => spf({ record: `v=spf1 ${term}%{${text}}.example -all` });
  }
  const macros = "v=spf1 exists:%{l}.%{h1r+-}.%{p}.a.example a:%{d1}.%{i}.example ptr -all";
  return {
    ...records,
    "the SPF record": (text) => spf({ record: `v=spf1 ${text}` }),
    "the local part": (text) => spf({ record: macros, localPart: text }),
    "the domain of MAIL FROM": (text) => spf({ record: macros, domain: `${text}.example` }),
    HELO: (text) => spf({ record: macros, helo: text }),
    "a PTR name": (text) => spf({ record: macros, name: `${text}.example` }),
    "an MX name": (text) => spf({ record: "v=spf1 mx -all", name: text }),
  };
}

function fieldAttacks(name: string, good: string): Record<string, Attack> {
  const others = [SEAL, ARC_SIGNATURE, ARC_RESULTS].filter((value) => value !== good);
  const arc = ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"]
    .filter((other) => other !== name)
    .map((other, index) => [other, others[index] ?? ""] as const);
  const made: Record<string, Attack> = {};
  const send = (value: string) => check([...arc, [name, value], ["From", "a@a.example"]]);
  for (const tag of good.split("; ")) {
    const [key = ""] = tag.split("=");
    made[`${name} ${key}=`] = (text) => send(good.replace(tag, `${key}=${text}`));
    made[`${name} ${key}= and more`] = (text) => send(good.replace(tag, `${tag}${text}`));
    made[`${name} ${key}= after it`] = (text) =>
      send(good.replace(tag, `${key}=${text}${tag.slice(key.length + 1)}`));
  }
  made[`${name} i=`] = (text) => send(`${good}; i=${text}@a.example`);
  made[`${name} i= domain`] = (text) => send(`${good}; i=@${text}`);
  made[`${name} t=`] = (text) => send(`${good}; t=${text}`);
  made[`${name} tag name`] = (text) => send(`${good}; ${text}=1`);
  made[`${name} as a whole`] = send;
  made[`${name} before all`] = (text) => send(`${text}${good}`);
  return made;
}

function recordAttacks(): Record<string, Attack> {
  const key = testKey("rsa-2048").record;
  const dmarc = "v=DMARC1; p=reject; rua=mailto:a@a.example";
  const answers = (record: string, other: string) => (text: string) =>
    check(
      [
        ["DKIM-Signature", SIGNATURE],
        ["From", "a@a.example"],
      ],
      (name) =>
        name.startsWith("_dmarc.")
          ? dmarc.replace(other, record.replace("TEXT", text))
          : key.replace(other, record.replace("TEXT", text)),
    );
  return {
    "DMARC record": answers("v=DMARC1; TEXT", dmarc),
    "DMARC v=": answers("v=TEXTDMARC1", "v=DMARC1"),
    "DMARC p=": answers("p=TEXTreject", "p=reject"),
    "DMARC p= and more": answers("p=rejectTEXT", "p=reject"),
    "DMARC rua=": answers("rua=TEXT", "rua=mailto:a@a.example"),
    "DMARC rua= and more": answers("rua=mailto:a@a.exampleTEXT", "rua=mailto:a@a.example"),
    "DMARC tag name": answers("TEXT=1; p=reject", "p=reject"),
    "key record": answers("TEXT", key),
    "key p=": answers("p=TEXT", "p="),
    "key n=": answers("n=TEXT; p=", "p="),
    "key h=": answers("h=TEXT; p=", "p="),
  };
}

async function check(
  fields: readonly (readonly [name: string, value: string])[],
  record: (name: string) => string | undefined = (name) =>
    name.startsWith("_dmarc.") ? "v=DMARC1; p=reject" : testKey("rsa-2048").record,
): Promise<void> {
  const checked = new MessageCheck({
    resolver: resolver((name, type) => (type === "TXT" ? record(name) : undefined)),
    clock: fakeClock(),
  });
  for (const [name, value] of fields)
    checked.header(Buffer.from(name, "latin1"), Buffer.from(` ${value}`, "latin1"));
  checked.body(Buffer.from("body\r\n"));
  await checked.end(NO_SPF);
}

interface SpfParts {
  readonly record: string;
  readonly localPart?: string;
  readonly domain?: string;
  readonly helo?: string;
  /** Of a PTR or MX record. */
  readonly name?: string;
}

async function spf(parts: SpfParts): Promise<void> {
  const {
    record,
    localPart = "a",
    domain = "a.example",
    helo = "mail.a.example",
    name = "mail.a.example",
  } = parts;
  const answers = {
    TXT: record,
    PTR: name,
    MX: `10 ${name}`,
    A: "192.0.2.1",
    AAAA: "2001:db8::1",
    CNAME: undefined,
  };
  const question = {
    address: "192.0.2.1" as IpAddress,
    helo,
    identity: { text: `${localPart}@${domain}`, localPart, domain: null },
  };
  await evaluateSpf(
    resolver((_, type) => answers[type]),
    question,
    fakeClock(),
  );
}

function resolver(answer: (name: string, type: RecordType) => string | undefined): Resolver {
  return resolverOf(async (name, type) => {
    const record = answer(name, type);
    return record === undefined
      ? { status: "none", reason: "nodata" }
      : { status: "found", value: [record] };
  });
}
