import { testKey } from "../../../packages/filter-runtime/src/testing/mail/sign.ts";
import { accepted, confirmed, DATE, mail, type Row } from "./base.ts";
import { keys, signed } from "./sign.ts";

const noDmarc = { "_dmarc.example.com": {} };
const spf = (record: unknown) => ({ "example.com": { TXT: record } });
const dmarc = (record: string) => ({ "_dmarc.example.com": { TXT: [record] } });
/** A sender who says nothing of himself: what is left is DKIM. */
const silentSender = { from: "bounce@sender.example" };
const NOW_S = Math.floor(Date.now() / 1000);

interface Seen {
  readonly results: readonly RegExp[];
  readonly debt: number;
  readonly rules?: string;
}

/** Let in, with these results and this debt. */
function comesIn({ results, debt, rules = "-" }: Seen): Row["expect"] {
  return {
    ...accepted,
    headers: [
      ...results,
      new RegExp(`^X-Postern: .*debt=${debt} credit=0 rules=${rules}\\r?$`, "m"),
    ],
    log: new RegExp(`action=accept rule=- debt=${debt}`),
  };
}

/** Let in, but marked. */
function isJunk({ results, debt, rules = "-" }: Seen): Row["expect"] {
  return {
    ...comesIn({ results: [...results, /^X-Spam: yes\r?$/m], debt, rules }),
    action: "junk",
    log: new RegExp(`action=junk rule=- debt=${debt}`),
  };
}

function isRefused(rule: string, reply: string): Row["expect"] {
  return {
    action: reply.startsWith("4") ? "tempfail" : "reject",
    rule,
    reply,
    shownAt: "message",
    log: new RegExp(` message .*rule=${rule.replaceAll(".", "\\.")} `),
  };
}

/** SPF alone, under an author without DMARC. */
const spfRows: readonly Row[] = (
  [
    ["pass", ["v=spf1 ip4:192.0.2.1 -all"], 1, "dmarc\\.absent"],
    ["fail", ["v=spf1 -all"], 6, "auth\\.none,spf\\.fail,dmarc\\.absent"],
    ["softfail", ["v=spf1 ~all"], 5, "auth\\.none,spf\\.softfail,dmarc\\.absent"],
    ["neutral", ["v=spf1 ?all"], 4, "auth\\.none,dmarc\\.absent"],
    ["none", [], 4, "auth\\.none,dmarc\\.absent"],
    ["permerror", ["v=spf1 nonsense"], 5, "auth\\.none,spf\\.permerror,dmarc\\.absent"],
    ["temperror", "timeout", 1, "dmarc\\.absent"],
  ] as const
).map(([result, record, debt, rules]) => {
  const seen: Seen = {
    results: [new RegExp(`spf=${result} smtp\\.mailfrom=example\\.com`)],
    debt,
    rules,
  };
  return {
    id: `spf-${result}`,
    dns: { ...confirmed, ...noDmarc, ...spf(record) },
    expect: debt >= 6 ? isJunk(seen) : comesIn(seen),
  };
});

const moreSpfRows: readonly Row[] = [
  {
    id: "spf-all-the-world",
    dns: { ...confirmed, ...noDmarc, ...spf(["v=spf1 +all"]) },
    expect: comesIn({
      results: [/spf=pass/],
      debt: 4,
      rules: "spf\\.pass-all,dmarc\\.absent",
    }),
  },
  {
    id: "spf-of-helo-for-a-bounce",
    from: "",
    dns: {
      ...confirmed,
      "mail.example.com": { A: ["192.0.2.1"], TXT: ["v=spf1 a -all"] },
    },
    expect: comesIn({ results: [/spf=pass smtp\.helo=mail\.example\.com/, /dmarc=pass/], debt: 0 }),
  },
  {
    id: "spf-fails-for-helo-of-a-bounce",
    from: "",
    helo: "other.example.com",
    dns: {
      ...confirmed,
      ...noDmarc,
      "other.example.com": { A: ["192.0.2.1"], TXT: ["v=spf1 -all"] },
    },
    expect: comesIn({
      results: [/spf=fail smtp\.helo=other\.example\.com/],
      debt: 5,
      rules: "auth\\.none,spf\\.fail,dmarc\\.absent",
    }),
  },
  {
    id: "spf-of-a-domain-with-underscore",
    from: "a@bounce_mail.example.com",
    dns: { ...confirmed, "bounce_mail.example.com": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] } },
    expect: comesIn({
      results: [/spf=pass smtp\.mailfrom=bounce_mail\.example\.com/, /dmarc=pass/],
      debt: 0,
    }),
  },
];

const broken = (reason: string, debt = 4): Row["expect"] =>
  comesIn({
    results: [new RegExp(`dkim=\\w+\\s+reason="${reason}"`), /dmarc=fail/],
    debt,
    rules: "auth\\.none,dmarc\\.none",
  });
const weak = testKey("rsa-512");

const dkimRows: readonly Row[] = [
  {
    ...silentSender,
    id: "dkim-rsa",
    message: signed(mail()),
    dns: { ...confirmed, ...keys },
    expect: comesIn({
      results: [
        /dkim=pass header\.d=example\.com header\.s=s\s+header\.a=rsa-sha256 header\.b="[A-Za-z0-9+/]{8}"/,
        /dmarc=pass/,
      ],
      debt: 0,
    }),
  },
  {
    ...silentSender,
    id: "dkim-ed25519",
    message: signed(mail(), { selector: "ed" }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=pass .*\s*header\.a=ed25519-sha256/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-simple",
    message: signed(mail(["X-Two:  blanks,\n\tfolded"]), {
      canonicalization: "simple/simple",
      headers: ["From", "X-Two", "Subject"],
    }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=pass/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-body-changed",
    message: `${signed(mail())}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: broken("the body was changed after signing"),
  },
  {
    ...silentSender,
    id: "dkim-body-changed-article",
    config: { authservId: "mx.example.org", policy: "poolp-2019" },
    message: `${signed(mail())}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: isRefused("dkim.body-changed", "550 message rejected"),
  },
  {
    ...silentSender,
    id: "dkim-header-changed",
    message: signed(mail()).replace("Subject: hello", "Subject: buy"),
    dns: { ...confirmed, ...keys },
    expect: broken("the signed header was changed after signing"),
  },
  {
    ...silentSender,
    id: "dkim-key-missing",
    message: signed(mail()),
    expect: broken("there is no key at the selector"),
  },
  {
    ...silentSender,
    id: "dkim-key-revoked",
    message: signed(mail()),
    dns: { ...confirmed, "s._domainkey.example.com": { TXT: ["v=DKIM1; p="] } },
    expect: broken("the key was revoked"),
  },
  {
    ...silentSender,
    id: "dkim-key-weak",
    message: signed(mail(), { key: weak }),
    dns: { ...confirmed, "s._domainkey.example.com": { TXT: [weak.record] } },
    expect: broken("the key is too short"),
  },
  {
    ...silentSender,
    id: "dkim-expired",
    message: signed(mail(), { timestamp: NOW_S - 7_200, expires: NOW_S - 3_600 }),
    dns: { ...confirmed, ...keys },
    expect: broken("the signature has expired"),
  },
  {
    ...silentSender,
    id: "dkim-body-length",
    message: `${signed(mail(), { bodyLength: 7 })}and more\n`,
    dns: { ...confirmed, ...keys },
    expect: broken("the signature leaves a part of the body unsigned"),
  },
  {
    ...silentSender,
    id: "dkim-key-silent",
    message: signed(mail()),
    dns: { ...confirmed, "s._domainkey.example.com": "timeout" },
    expect: comesIn({
      results: [/dkim=temperror\s+reason="the key server does not answer"/, /dmarc=temperror/],
      debt: 0,
    }),
  },
  {
    ...silentSender,
    id: "dkim-one-of-two-breaks",
    message: signed(signed(mail()).replace("Subject: hello", "Subject: [list] hello"), {
      selector: "ed",
    }),
    dns: { ...confirmed, ...keys },
    expect: comesIn({ results: [/dkim=fail/, /dkim=pass/, /dmarc=pass/], debt: 0 }),
  },
  {
    ...silentSender,
    id: "dkim-second-subject",
    message: `Subject: buy\n${signed(mail())}`,
    dns: { ...confirmed, ...keys },
    expect: broken("a field that may stand once stands again, unsigned"),
  },
];

/** The attacker's own mail server, in order, with somebody else's name in From. */
const forged = {
  from: "eve@attacker.example",
  attackerDns: { ...confirmed, "attacker.example": { TXT: ["v=spf1 ip4:192.0.2.1 -all"] } },
};
const REJECTED = "550 5.7.26 DMARC fails, and the author asks for rejection";

const dmarcRows: readonly Row[] = [
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

/** Bodies that some step on the way may change. */
const bodyRows: readonly Row[] = (
  [
    ["8-bit", mail(["Subject: Grüße"], "Grüße aus Köln\n")],
    ["dot-stuffed", mail([], ".\n..\n...and so on\n.hidden\n")],
    ["trailing-blanks", mail([], "a \t\n\n \nb\n\n\n")],
    ["empty-body", mail([], "")],
    ["long-fold", mail([`Subject: ${"word ".repeat(100)}\n\tend`])],
    ["25-mb", mail([], `${"0123456789abcdef".repeat(56)}\n`.repeat(29_000))],
  ] as const
).map(([id, message]) => ({
  ...silentSender,
  id: `signed-${id}`,
  message: signed(message),
  dns: { ...confirmed, ...keys },
  expect: comesIn({ results: [/dkim=pass/, /dmarc=pass/], debt: 0 }),
}));

const formatRows: readonly Row[] = [
  {
    id: "format-nothing-but-from",
    message: `From: a@example.com\nSubject: hello\n\nhello\n`,
    expect: comesIn({
      results: [/dmarc=pass/],
      debt: 2,
      rules: "format\\.no-message-id,format\\.no-date",
    }),
  },
  {
    id: "format-old-date",
    message: mail(["Date: Tue, 3 Mar 2020 10:00:00 +0000"]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 1, rules: "format\\.odd-date" }),
  },
  {
    id: "bulk-without-one-click",
    message: mail(["List-Unsubscribe: <https://example.com/leave>"]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 1, rules: "bulk\\.no-one-click" }),
  },
  {
    id: "bulk-with-one-click",
    message: mail([
      "List-Unsubscribe: <https://example.com/leave>",
      "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
      `Date: ${DATE}`,
    ]),
    expect: comesIn({ results: [/dmarc=pass/], debt: 0 }),
  },
];

export const authenticationRows: readonly Row[] = [
  ...spfRows,
  ...moreSpfRows,
  ...dkimRows,
  ...dmarcRows,
  ...bodyRows,
  ...formatRows,
];
