import { confirmed, mail, type Row } from "./base.ts";
import { silentSender } from "./dkim.ts";
import { comesIn, isJunk, isRefused } from "./outcomes.ts";
import { keys, signed } from "./sign.ts";

const spf = (record: unknown) => ({
  "example.com": { TXT: record, MX: ["10 mail.example.com"] },
});
const dmarc = (record: string) => ({ "_dmarc.example.com": { TXT: [record] } });

/** The attacker's own mail server, in order, with somebody else's name in From. */
const forged = {
  from: "eve@attacker.example",
  attackerDns: {
    ...confirmed,
    "attacker.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"], MX: ["10 mail.attacker.example"] },
  },
};
const REJECTED = "550 5.7.26 DMARC fails, and the author asks for rejection";

export const dmarcRows: readonly Row[] = [
  {
    id: "dmarc-pass-by-spf-only",
    dns: { ...confirmed, ...dmarc("v=DMARC1; p=reject") },
    expect: comesIn({ results: [/dkim=none/, /dmarc=pass policy\.dmarc=reject/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dmarc-pass-by-dkim-only",
    message: signed(mail()),
    dns: { ...confirmed, ...keys, ...dmarc("v=DMARC1; p=reject") },
    expect: comesIn({ results: [/spf=none/, /dmarc=pass policy\.dmarc=reject/], debt: 0 }),
  },
  {
    id: "dmarc-none",
    from: forged.from,
    dns: forged.attackerDns,
    expect: comesIn({
      results: [/dmarc=fail policy\.dmarc=none header\.from=example\.com/],
      debt: 1,
      rules: "dmarc\\.none",
    }),
  },
  {
    id: "dmarc-quarantine",
    from: forged.from,
    dns: { ...forged.attackerDns, ...dmarc("v=DMARC1; p=quarantine") },
    expect: isJunk({
      results: [/dmarc=fail policy\.dmarc=quarantine/],
      debt: 6,
      rules: "dmarc\\.quarantine",
    }),
  },
  {
    id: "dmarc-reject",
    from: forged.from,
    dns: { ...forged.attackerDns, ...dmarc("v=DMARC1; p=reject") },
    expect: isRefused("dmarc.reject", REJECTED),
  },
  {
    id: "dmarc-reject-article",
    from: forged.from,
    config: { authservId: "mx.example.org", policy: "poolp-2019" },
    dns: { ...forged.attackerDns, ...dmarc("v=DMARC1; p=reject") },
    expect: isRefused("dmarc.reject", "550 message rejected"),
  },
  {
    id: "dmarc-sp",
    from: forged.from,
    message: mail(["From: a@sub.example.com"]),
    dns: {
      ...forged.attackerDns,
      ...dmarc("v=DMARC1; p=none; sp=reject"),
      "sub.example.com": { A: ["192.0.2.1"] },
    },
    expect: isRefused("dmarc.reject", REJECTED),
  },
  {
    id: "dmarc-np",
    from: forged.from,
    message: mail(["From: a@nowhere.example.com"]),
    dns: { ...forged.attackerDns, ...dmarc("v=DMARC1; p=none; np=reject") },
    expect: isRefused("dmarc.reject", REJECTED),
  },
  {
    id: "dmarc-key-silent",
    from: forged.from,
    message: signed(mail()),
    dns: {
      ...forged.attackerDns,
      ...dmarc("v=DMARC1; p=reject"),
      "s._domainkey.example.com": "timeout",
    },
    expect: isRefused(
      "dmarc.temperror",
      "451 4.7.0 DMARC cannot be checked at the moment, please try again later",
    ),
  },
  {
    id: "forwarder-of-unsigned-mail",
    dns: { ...confirmed, ...spf(["v=spf1 ip4:203.0.113.9 -all"]) },
    expect: comesIn({
      results: [/spf=fail/, /dmarc=fail/],
      debt: 4,
      rules: "auth\\.none,dmarc\\.none",
    }),
  },
  {
    id: "forwarder-of-signed-mail",
    message: signed(mail()),
    dns: { ...confirmed, ...keys, ...spf(["v=spf1 -all"]), ...dmarc("v=DMARC1; p=reject") },
    expect: comesIn({ results: [/spf=fail/, /dkim=pass/, /dmarc=pass/], debt: 0 }),
  },
  {
    id: "list-that-breaks-the-signature",
    from: "bounce@list.example",
    message: signed(
      signed(mail()).replace(
        "Subject: hello",
        "List-Id: <talk.list.example>\nSubject: [talk] hello",
      ),
      { domain: "list.example" },
    ),
    dns: { ...confirmed, ...keys, ...dmarc("v=DMARC1; p=reject") },
    expect: isJunk({
      results: [/dkim=fail/, /dkim=pass/, /dmarc=fail policy\.dmarc=reject/],
      debt: 6,
      rules: "dmarc\\.reject-list",
    }),
  },
  {
    id: "two-from",
    message: mail(["From: eve@attacker.example", "From: a@example.com"]),
    expect: isRefused("from.not-one", "550 5.7.1 From must hold exactly one mailbox"),
  },
  {
    id: "two-authors",
    message: mail(["From: eve@attacker.example, a@example.com"]),
    expect: isRefused("from.not-one", "550 5.7.1 From must hold exactly one mailbox"),
  },
  {
    id: "our-own-domain-forged",
    from: forged.from,
    message: mail(["From: boss@example.org"]),
    dns: forged.attackerDns,
    expect: isJunk({ results: [/dmarc=none/], debt: 7, rules: "dmarc\\.absent,from\\.ours" }),
  },
];
