/** Bytes of an Exim, as PROTOCOL.md has them. Texts are latin1, one character for each byte. */

export type Values = Readonly<Record<string, string>>;

/** The session of the tests: one client of one Exim. */
export const CLIENT: Values = {
  session: "4711.1795516800123456",
  ip: "192.0.2.7",
  port: "41000",
  lip: "198.51.100.1",
  lport: "25",
  mta: "exim/4.96",
};

export function words(values: Values): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${Buffer.from(value, "latin1").toString("base64url")}`)
    .join(" ");
}

export function line(stage: string, values: Values = {}): string {
  return `POSTERN1 ${stage} ${words({ ...CLIENT, ...values })}\n`;
}

export function spamd(values: Values, copy: string): string {
  return rawSpamd(words({ ...CLIENT, ...values }), copy);
}

export function rawSpamd(user: string, copy: string): string {
  return `REPORT SPAMC/1.2\r\nUser: ${user}\r\nContent-length: ${copy.length}\r\n\r\n${copy}`;
}

export function rspamd(lines: readonly string[], copy: string): string {
  const head = ["CHECK RSPAMC/1.3", `Content-length: ${copy.length}`, ...lines, "", ""];
  return `${head.join("\r\n")}${copy}`;
}

/** Exim's copy of a message, as spool_mbox.c writes it. */
export function eximCopy(
  message: string,
  { from = "a@x.test", to = ["b@y.test"] }: { from?: string; to?: readonly string[] } = {},
): string {
  const sender = from === "" ? "" : `X-Envelope-From: <${from}>\n`;
  return `From MAILER-DAEMON Tue Nov 24 12:00:00 2026\n${sender}X-Envelope-To: ${to.join(", ")}\n${message}`;
}

export const MESSAGE = "Subject: x\nFrom: a@x.test\n\nHello\n";
