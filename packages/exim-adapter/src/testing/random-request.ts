import type { Random } from "@postern/smtp-filter/testing";
import { CLIENT, eximCopy, rawSpamd, rspamd, words } from "./requests.ts";

export interface RandomRequest {
  readonly bytes: string;
  readonly expected: "line" | "spamd" | "rspamd" | "none";
}

const NAMES: readonly [string, ...string[]] = [
  "a@x.test",
  "",
  '"a, b@c"@x.test',
  "\xff\0\r\n@x",
  "B@Y.test",
  "b@y.test",
];
const MESSAGES: readonly [string, ...string[]] = [
  "",
  "\n",
  "Subject: x\n\nHi\n",
  "Authentication-Results: a\nauthentication-results : b\n c\nX: \xff\n\n\0\n\r\n.\n",
  `X-Long: ${"y".repeat(5000)}\n\n${"z\n".repeat(5000)}`,
  "no header\n at all",
];

/** Any request that Exim or notqmail could send, or one that is broken. */
export function randomRequest(random: Random): RandomRequest {
  const well = random.pick([randomLine, randomLine, randomSpamd, randomRspamd])(random);
  return random.chance(0.1) ? broken(well, random) : well;
}

function client(random: Random): Record<string, string> {
  const values: Record<string, string> = { ...CLIENT, session: random.pick(["1", "2", "3"]) };
  for (const key of ["session", "ip", "lip", "mta"]) if (random.chance(0.05)) delete values[key];
  if (random.chance(0.7)) values["helo"] = random.pick(["mx.x.test", "other", "\0\xff"]);
  if (random.chance(0.2)) values["tls"] = "TLS_AES_256";
  if (random.chance(0.1)) values["auth"] = random.pick(["carol", "\r\n"]);
  return values;
}

function randomLine(random: Random): RandomRequest {
  const stage = random.pick(["connect", "helo", "mail", "rcpt", "rcpt", "quit"]);
  const envelope = { from: random.pick(NAMES), rcpt: random.pick(NAMES) || "postmaster" };
  return {
    bytes: `POSTERN1 ${stage} ${words({ ...client(random), ...envelope })}\n`,
    expected: "line",
  };
}

function randomSpamd(random: Random): RandomRequest {
  const from = random.pick(NAMES);
  const to = Array.from({ length: 1 + random.below(3) }, () => mailbox(random));
  const values = { ...client(random), from };
  const message = random.pick(MESSAGES);
  const bytes = random.chance(0.2)
    ? rawSpamd(words({ ...values, mta: "notqmail", rcpts: to.join("\n") }), message)
    : rawSpamd(words(values), eximCopy(message, { from: oneLine(from), to }));
  return { bytes, expected: "spamd" };
}

function randomRspamd(random: Random): RandomRequest {
  const from = oneLine(random.pick(NAMES));
  const to = Array.from({ length: random.below(3) }, () => mailbox(random));
  const lines = [
    `From: <${from}>`,
    `Recipient-Number: ${to.length}`,
    ...to.map((address) => `Rcpt: <${address}>`),
    ...(random.chance(0.8) ? ["IP: 192.0.2.9"] : []),
  ];
  return {
    bytes: rspamd(lines, eximCopy(random.pick(MESSAGES), { from, to })),
    expected: "rspamd",
  };
}

/** LF and NUL cannot come out of an SMTP line. */
function oneLine(address: string): string {
  return address.replace(/[\n\0]/g, "");
}

function mailbox(random: Random): string {
  return oneLine(random.pick(NAMES)) || "postmaster";
}

function broken({ bytes, expected }: RandomRequest, random: Random): RandomRequest {
  const cut = random.below(bytes.length);
  return {
    bytes: random.pick([
      bytes.slice(0, cut),
      `x${bytes}`,
      expected === "rspamd" ? bytes.replace("From: ", "Form: ") : bytes.replace("=", "=!"),
    ]),
    expected: "none",
  };
}
