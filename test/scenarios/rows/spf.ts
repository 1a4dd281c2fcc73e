import { confirmed, type Row } from "./base.ts";
import { comesIn, isJunk, type Seen } from "./outcomes.ts";

const noDmarc = { "_dmarc.example.com": {} };
const spf = (record: unknown) => ({
  "example.com": { TXT: record, MX: ["10 mail.example.com"] },
});

/** SPF alone, under an author without DMARC. */
const resultRows: readonly Row[] = (
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
    dns: {
      ...confirmed,
      "bounce_mail.example.com": {
        MX: ["10 mail.example.com"],
        TXT: ["v=spf1 ip4:192.0.2.1 -all"],
      },
    },
    expect: comesIn({
      results: [/spf=pass smtp\.mailfrom=bounce_mail\.example\.com/, /dmarc=pass/],
      debt: 0,
    }),
  },
];

export const spfRows: readonly Row[] = [...resultRows, ...moreSpfRows];
