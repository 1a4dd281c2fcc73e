import { signMessage, testKey } from "@postern/mail-auth/testing";
import type { Scenario } from "../scenarios/scenario.ts";

/** A client of the demo: who it is, in words, and what the DNS says of it. */
export interface DemoClient extends Pick<Scenario, "helo" | "from"> {
  readonly title: string;
  readonly ip: string;
  /** Its mail has a DKIM signature. */
  readonly isSigned?: true;
  readonly dns: Readonly<Record<string, unknown>>;
}

const key = testKey("ed25519");

/** From the article's zombies to an honest server. */
export const clients: readonly DemoClient[] = [
  {
    title: "a zombie: no reverse name at all",
    ip: "203.0.113.66",
    helo: "win-pc",
    from: "prize@lottery.example",
    dns: {},
  },
  {
    title: "a liar: its reverse name belongs to somebody else",
    ip: "203.0.113.77",
    helo: "mail.example.com",
    from: "ceo@example.com",
    dns: { "77.113.0.203.in-addr.arpa": { PTR: ["mail.example.com"] } },
  },
  {
    title: "a residential line: its name is made from its address",
    ip: "203.0.113.88",
    helo: "home.example.net",
    from: "me@example.net",
    dns: {
      "88.113.0.203.in-addr.arpa": { PTR: ["dsl-203-0-113-88.pool.example.net"] },
      "dsl-203-0-113-88.pool.example.net": { A: ["203.0.113.88"] },
    },
  },
  {
    title: "a ruined reputation: score 4 of 100",
    ip: "198.51.100.4",
    helo: "news.example.net",
    from: "deals@example.net",
    dns: {
      "4.100.51.198.in-addr.arpa": { PTR: ["news.example.net"] },
      "news.example.net": { A: ["198.51.100.4"] },
      "4.100.51.198.score.senderscore.com": { A: ["127.0.4.4"] },
    },
  },
  {
    title: "a doubtful one: score 55, let in as junk",
    ip: "198.51.100.55",
    helo: "bulk.example.net",
    from: "letter@example.net",
    dns: {
      "55.100.51.198.in-addr.arpa": { PTR: ["bulk.example.net"] },
      "bulk.example.net": { A: ["198.51.100.55"] },
      "55.100.51.198.score.senderscore.com": { A: ["127.0.4.55"] },
    },
  },
  {
    title: "an honest server",
    ip: "192.0.2.25",
    helo: "mail.example.com",
    from: "ann@example.com",
    isSigned: true,
    dns: {
      "example.com": { TXT: ["v=spf1 ip4:192.0.2.25 -all"] },
      "demo._domainkey.example.com": { TXT: [key.record] },
      "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
      "25.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
      "mail.example.com": { A: ["192.0.2.25"] },
      "25.2.0.192.score.senderscore.com": { A: ["127.0.4.98"] },
    },
  },
];

export const zone: Readonly<Record<string, unknown>> = Object.assign(
  {},
  ...clients.map(({ dns }) => dns),
);

/** An ordinary mail of the client, CRLF; the honest one's is signed. */
export function messageOf({ from, isSigned }: DemoClient): string {
  const domain = from.slice(from.indexOf("@") + 1);
  const plain = [
    `From: <${from}>`,
    "To: <bob@example.org>",
    "Subject: hello",
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <demo.${Date.now()}@${domain}>`,
    "",
    "Hello from the demo.",
    "",
  ].join("\r\n");
  return isSigned === true ? signMessage(plain, { domain, selector: "demo", key }) : plain;
}
