import type { Cell, Scenario } from "../scenario.ts";

/** A row as its file writes it: what it does not say is that of an honest server's mail. */
export type Row = Pick<Scenario, "id" | "expect"> & Partial<Omit<Scenario, "id" | "expect">>;

export const PTR = "1.2.0.192.in-addr.arpa";
export const SCORE = "1.2.0.192.score.senderscore.com";

/** A forward-confirmed reverse name. */
export const confirmed = {
  [PTR]: { PTR: ["mail.example.com"] },
  "mail.example.com": { A: ["192.0.2.1"] },
};

/** What the sender's domain says of itself, whoever connects. */
const authenticated = {
  "example.com": {
    TXT: ["v=spf1 ip4:192.0.2.1 ip4:198.51.100.7 ip6:2001:db8::25 -all"],
    A: ["192.0.2.1"],
  },
  "_dmarc.example.com": { TXT: ["v=DMARC1; p=none"] },
  "sender.example": { MX: ["10 mail.sender.example"] },
  "attacker.example": { MX: ["10 mail.attacker.example"] },
  "list.example": { MX: ["10 mail.list.example"] },
};

/** Without a store: what one row teaches must not reach the next. */
export const site = { authservId: "mx.example.org", localDomains: ["example.org"], state: "none" };
export const scored = { ...site, scores: [{ zone: "score.senderscore.com" }] };
/** The article, with short waits: a real cell must not take long. */
export const article = { ...scored, policy: { extends: "poolp-2019", slowFactor: 100 } };

export const DATE = new Date().toUTCString().replace("GMT", "+0000");

/** A message with what every honest one has; LF line ends, UTF-8. */
export function mail(fields: readonly string[] = [], body = "hello\n"): string {
  const has = (name: string) =>
    fields.some((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  const usual = [
    `Received: from desk.example.com by mail.example.com; ${DATE}`,
    "From: Alice <a@example.com>",
    "To: b@example.org",
    "Subject: hello",
    `Date: ${DATE}`,
    "Message-ID: <1@example.com>",
  ].filter((field) => !has(field.slice(0, field.indexOf(":"))));
  return `${[...fields, ...usual].join("\n")}\n\n${body}`;
}

/** How a cell is filled where a row does not say so itself. */
export const honestCells: Scenario["cells"] = {
  try: "real",
  milter: "fake",
  postfix: "real",
  sendmail: "real",
  opensmtpd: "real",
  exim: "real",
  eximBh: "real",
  notqmail: "fake",
};

const base: Omit<Scenario, "id" | "expect"> = {
  client: { ip: "192.0.2.1" },
  helo: "mail.example.com",
  from: "a@example.com",
  rcpt: ["b@example.org"],
  message: mail(),
  dns: confirmed,
  config: site,
  cells: honestCells,
};

export const accepted = { action: "accept", rule: null, reply: null } as const;

/** smtpd 6.8.0p2 of Debian 12 can do no TLS, and without TLS no login: the strict smtpd of the adapter stands in. */
const onOpensmtpd = ({ client, cells }: Pick<Scenario, "client" | "cells">): Cell =>
  client.user === undefined && client.tls === undefined ? cells.opensmtpd : "fake";

/** Debian builds it without EAI. */
function onSendmail({ from, cells }: Pick<Scenario, "from" | "cells">): Cell {
  if (/[^ -~]/.test(from)) return "n/a: Sendmail 8.17.1 of Debian 12 offers no SMTPUTF8";
  return cells.sendmail;
}

/** notqmail has no hook between connect and the end of a message; tcpserver 0.88 of Debian 12 no IPv6. */
function onNotqmail({
  client,
  from,
  rcpt,
  cells,
}: Pick<Scenario, "client" | "from" | "rcpt" | "cells">): Cell {
  if (client.ip.includes(":")) return "n/a: tcpserver of ucspi-tcp 0.88 knows no IPv6";
  if (/[^ -~]/.test(from))
    return "n/a: qmail-smtpd offers no SMTPUTF8, so no client may send such an address";
  if (rcpt.length > 1)
    return "n/a: qmail-smtpd answers once for all recipients: with one that is refused the mail is refused";
  return cells.notqmail;
}

/** Exim 4.96 knows no underscore in the domain of an address. */
function onExim(front: "exim" | "eximBh", { from, cells }: Pick<Scenario, "from" | "cells">): Cell {
  if (/@.*_/.test(from))
    return "n/a: Exim refuses a domain with an underscore at MAIL, before its ACL (501)";
  return cells[front];
}

/** Rows with all they need. Their names lie over those of the sender's domain. */
export function scenarios(rows: readonly Row[]): readonly Scenario[] {
  return rows.map((row) => {
    const full = { ...base, ...row };
    const cells = {
      ...full.cells,
      sendmail: onSendmail(full),
      opensmtpd: onOpensmtpd(full),
      exim: onExim("exim", full),
      eximBh: onExim("eximBh", full),
      notqmail: onNotqmail(full),
    };
    return { ...full, cells, dns: { ...authenticated, ...full.dns } };
  });
}
