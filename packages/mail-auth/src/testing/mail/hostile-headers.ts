import type { HostileMessage } from "./hostile-samples.ts";
import { ATTACKER, message, signedByAttacker, signedByVictim, VICTIM } from "./hostile-samples.ts";
import { type Field, type MailParts, partsOf } from "./parts.ts";

const BODY = "Hi\r\n";

/** Fields that may stand once (RFC 5322 section 3.6), and what somebody puts on top of the signed one. */
const ONCE: readonly Field[] = [
  ["From", ` admin@${VICTIM}`],
  ["To", " you@example.org"],
  ["Subject", " Buy this"],
  ["Date", " Wed, 25 Nov 2026 12:00:00 +0000"],
  ["Message-ID", ` <2@${VICTIM}>`],
  ["Sender", ` admin@${VICTIM}`],
  ["Reply-To", ` x@${ATTACKER}`],
  ["Cc", " them@example.org"],
  ["MIME-Version", " 1.0 (again)"],
  ["Content-Type", ' multipart/mixed; boundary="hi"'],
];

/** What the victim signs: every field of {@link ONCE} stands once. */
const COMPLETE = message(BODY, {
  Sender: `ann@${VICTIM}`,
  "Reply-To": `ann@${VICTIM}`,
  Cc: "carl@example.org",
  "MIME-Version": "1.0",
  "Content-Type": "text/plain",
});

function duplicated([name, value]: Field): readonly HostileMessage[] {
  const names = ONCE.map(([one]) => one);
  const id = name.toLowerCase();
  const shape = (where: string, place: (field: Field, signed: MailParts) => MailParts) => ({
    id: `twice.${id}-${where}`,
    description: `A second, unsigned ${name} field at the ${where} of a signed message`,
    mustNotPass: ["dkim", "dmarc"] as const,
    make: () => place([name, value], partsOf(signedByVictim(COMPLETE, { headers: names }))),
  });
  return [
    shape("top", (field, { headers, body }) => ({ headers: [field, ...headers], body })),
    shape("bottom", (field, { headers, body }) => ({ headers: [...headers, field], body })),
  ];
}

/** A From field as it stands, signed by the attacker: one reader sees the attacker, another the victim. */
function from(id: string, value: string, claim: "dmarc" | "dmarc-for-victim"): HostileMessage {
  return {
    id: `from.${id}`,
    description: `From: ${value.replace(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`)}`,
    mustNotPass: [claim],
    make: () => partsOf(signedByAttacker(message(BODY, { From: value }))),
  };
}

const fromShapes: readonly HostileMessage[] = [
  from("two-addresses", `<admin@${VICTIM}>, <x@${ATTACKER}>`, "dmarc"),
  from("two-addresses-last", `<x@${ATTACKER}>, <admin@${VICTIM}>`, "dmarc"),
  from("semicolon", `admin@${VICTIM}; x@${ATTACKER}`, "dmarc"),
  from("folded-comma", `admin@${VICTIM}\r\n ,\r\n x@${ATTACKER}`, "dmarc"),
  from("comma-without-blank", `admin@${VICTIM},<x@${ATTACKER}>`, "dmarc"),
  from("escaped-comma", `<admin@${VICTIM}>\\,<x@${ATTACKER}>`, "dmarc"),
  from("group", `friends: admin@${VICTIM}, x@${ATTACKER};`, "dmarc"),
  from("group-of-one", `friends: x@${ATTACKER};`, "dmarc"),
  from("empty-group", "undisclosed:;", "dmarc"),
  from("empty", "", "dmarc"),
  from("no-address", "Ann", "dmarc"),
  from("no-domain", "ann", "dmarc"),
  from("two-at-signs", `admin@${VICTIM}@${ATTACKER}`, "dmarc"),
  from("nul", `admin@${VICTIM}\0@${ATTACKER}`, "dmarc"),
  from("nul-in-domain", `admin@${VICTIM}\0.${ATTACKER}`, "dmarc"),
  from("nested-angles", `<<admin@${VICTIM}>x@${ATTACKER}>`, "dmarc"),
  from("two-angles", `<admin@${VICTIM}> <x@${ATTACKER}>`, "dmarc"),
  from("angle-then-address", `<x@${ATTACKER}> admin@${VICTIM}`, "dmarc"),
  from("open-angle", `<admin@${VICTIM} x@${ATTACKER}`, "dmarc"),
  from("open-quote", `"admin@${VICTIM} <x@${ATTACKER}>`, "dmarc"),
  from("open-comment", `admin@${VICTIM} (<x@${ATTACKER}>`, "dmarc"),
  from("comment-hides-domain", `admin(@${ATTACKER})@${VICTIM}`, "dmarc"),
  from("encoded-address", "=?utf-8?q?admin=40example.com?=", "dmarc"),
  from("domain-literal", `x@[192.0.2.1]`, "dmarc"),
  from("bad-escape", `admin@${VICTIM}\\ <x@${ATTACKER}>`, "dmarc-for-victim"),
  from("route", `<@${VICTIM},@any.example:x@${ATTACKER}>`, "dmarc-for-victim"),
  from("display-name", `admin@${VICTIM} <x@${ATTACKER}>`, "dmarc-for-victim"),
  from("quoted-display-name", `"admin@${VICTIM}" <x@${ATTACKER}>`, "dmarc-for-victim"),
  from(
    "encoded-display-name",
    `=?utf-8?b?YWRtaW5AZXhhbXBsZS5jb20=?= <x@${ATTACKER}>`,
    "dmarc-for-victim",
  ),
  from("comment", `x@${ATTACKER} (admin@${VICTIM})`, "dmarc-for-victim"),
  from("comment-in-domain", `x@${ATTACKER}(.${VICTIM})`, "dmarc-for-victim"),
  from("quoted-local-part", `<"admin@${VICTIM}>"@${ATTACKER}>`, "dmarc-for-victim"),
  from("percent", `admin%${VICTIM}@${ATTACKER}`, "dmarc-for-victim"),
];

/** Fields beside or instead of From. */
function beside(
  id: string,
  description: string,
  mustNotPass: HostileMessage["mustNotPass"],
  fields: string,
  more: { readonly From?: null; readonly headers?: readonly string[] } = {},
): HostileMessage {
  const { From = `x@${ATTACKER}`, headers = ["From", "To", "Subject"] } = more;
  const text = (): string => `${fields}${message(BODY, { From })}`;
  const make = () => partsOf(signedByAttacker(text(), { headers }));
  return { id: `from.${id}`, description, mustNotPass, make };
}

const besideFrom: readonly HostileMessage[] = [
  beside(
    "two-fields",
    "Two From fields, the lower one signed",
    ["dkim", "dmarc"],
    `From: admin@${VICTIM}\r\n`,
  ),
  beside(
    "two-fields-signed",
    "Two From fields, both signed by one of them",
    ["dmarc"],
    `From: admin@${VICTIM}\r\n`,
    { headers: ["From", "From"] },
  ),
  beside("other-case", "FROM above From", ["dkim", "dmarc"], `FROM: admin@${VICTIM}\r\n`),
  beside(
    "blank-before-colon",
    "`From :` above From",
    ["dkim", "dmarc"],
    `From : admin@${VICTIM}\r\n`,
  ),
  beside(
    "empty-line-in-fold",
    "Above From another whose first line is empty and whose second is one blank",
    ["dkim", "dmarc"],
    `From:\r\n \r\n admin@${VICTIM}\r\n`,
  ),
  beside("none", "No From at all", ["dkim", "dmarc"], "", { From: null, headers: ["To"] }),
  beside("sender-alone", "Sender, and no From", ["dkim", "dmarc"], `Sender: admin@${VICTIM}\r\n`, {
    From: null,
    headers: ["Sender"],
  }),
  beside(
    "resent-alone",
    "Resent-From, and no From",
    ["dkim", "dmarc"],
    `Resent-From: admin@${VICTIM}\r\n`,
    { From: null, headers: ["Resent-From"] },
  ),
];

export const headerMessages: readonly HostileMessage[] = [
  ...ONCE.flatMap(duplicated),
  ...fromShapes,
  ...besideFrom,
];
