import { confirmed, honestCells, mail, type Row } from "./base.ts";
import { silentSender } from "./dkim.ts";
import { comesIn } from "./outcomes.ts";
import { keys, signed } from "./sign.ts";

/** Bodies that some step on the way may change. */
const changedRows: readonly Row[] = (
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

const smtpUtf8Rows: readonly Row[] = [
  {
    id: "signed-smtputf8",
    cells: {
      ...honestCells,
      opensmtpd: "n/a: smtpd knows no SMTPUTF8: it answers 553 to such an address itself",
    },
    from: "jürgen@sender.example",
    message: signed(mail(["From: Jürgen <jürgen@example.com>", "Subject: Grüße"], "Grüße\n")),
    dns: { ...confirmed, ...keys },
    expect: {
      ...comesIn({ results: [/dkim=pass/, /dmarc=pass/], debt: 0 }),
      log: { from: "<j\\xc3\\xbcrgen@sender.example>", action: "accept", rule: "-", debt: "0" },
    },
  },
  {
    id: "signed-by-a-name-in-unicode",
    from: "a@sender.example",
    message: signed(mail(["From: a@bücher.example"]), { domain: "xn--bcher-kva.example" }),
    dns: { ...confirmed, "s._domainkey.xn--bcher-kva.example": keys["s._domainkey.example.com"] },
    expect: comesIn({
      results: [
        /dkim=pass header\.d=xn--bcher-kva\.example/,
        /dmarc=none header\.from=xn--bcher-kva/,
      ],
      debt: 1,
      rules: "dmarc\\.absent",
    }),
  },
];

export const bodyRows: readonly Row[] = [...changedRows, ...smtpUtf8Rows];
