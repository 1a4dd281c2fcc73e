import { confirmed, DATE, mail, type Row } from "./base.ts";
import { comesIn, isJunk } from "./outcomes.ts";
import { signed } from "./sign.ts";

/** As a program writes it that hands its mail over by itself. */
const unhandled = mail().replace(/^Received:.*\n/m, "");
const LINE = "dsl-198-51-100-7.pool.example.net";

/** What the author shows of himself, and whether anything proves him. */
export const authorRows: readonly Row[] = [
  {
    id: "author-unproved-and-not-handled",
    from: "eve@attacker.example",
    message: unhandled,
    expect: isJunk({
      results: [/dmarc=fail/],
      debt: 6,
      rules: "auth\\.none,dmarc\\.none,author\\.unproved",
    }),
  },
  {
    id: "author-unproved-but-handled",
    from: "eve@attacker.example",
    expect: comesIn({ results: [/dmarc=fail/], debt: 4, rules: "auth\\.none,dmarc\\.none" }),
  },
  {
    id: "author-proved-and-not-handled",
    message: unhandled,
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
  {
    id: "author-key-silent-and-not-handled",
    from: "eve@attacker.example",
    message: signed(unhandled),
    dns: { ...confirmed, "s._domainkey.example.com": "timeout" },
    expect: comesIn({ results: [/dmarc=temperror/], debt: 0 }),
  },
  {
    id: "from-no-domain",
    message: mail(["From: a@no-such-domain.example"]),
    expect: isJunk({ results: [/dmarc=none/], debt: 7, rules: "dmarc\\.absent,from\\.no-domain" }),
  },
  {
    id: "from-domain-silent",
    message: mail(["From: a@silent.example"]),
    dns: { ...confirmed, "silent.example": { MX: "timeout" } },
    expect: comesIn({ results: [/dmarc=none/], debt: 1, rules: "dmarc\\.absent" }),
  },
  {
    id: "from-free-tenant",
    message: mail(["From: a@shop-4711.web.app"]),
    dns: { ...confirmed, "_dmarc.shop-4711.web.app": { TXT: ["v=DMARC1; p=none"] } },
    expect: comesIn({
      results: [/dmarc=fail/],
      debt: 2,
      rules: "dmarc\\.none,from\\.free-tenant",
    }),
  },
  {
    id: "from-name-address",
    message: mail(['From: "service@bank.com" <a@example.com>']),
    expect: comesIn({ results: [/dmarc=pass/], debt: 1, rules: "from\\.name-address" }),
  },
  {
    id: "from-own-address-as-name",
    message: mail(["From: a@example.com <a@example.com>"]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
  {
    id: "reply-to-elsewhere",
    message: mail(["Reply-To: Boss <boss@gmail.com>"]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 1, rules: "reply-to\\.elsewhere" }),
  },
  {
    id: "reply-to-elsewhere-on-a-list",
    message: mail(["Reply-To: Boss <boss@gmail.com>", "List-Id: <talk.example.com>"]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
  {
    id: "format-old-date-on-a-list",
    message: mail([
      `Received: from desk.example.com by mail.example.com; ${DATE}`,
      "Date: Tue, 3 Mar 2020 10:00:00 +0000",
      "List-Id: <talk.example.com>",
    ]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
  {
    id: "helo-generic",
    helo: LINE,
    dns: { ...confirmed, [LINE]: { A: ["198.51.100.7"] } },
    expect: comesIn({ results: [/dmarc=pass/], debt: 1, rules: "helo\\.generic" }),
  },
  {
    id: "helo-generic-reverse-name-silent",
    helo: LINE,
    dns: { [LINE]: { A: ["198.51.100.7"] }, "1.2.0.192.in-addr.arpa": "timeout" },
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
];
