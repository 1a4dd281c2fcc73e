import { accepted, honestCells, mail, type Row } from "./base.ts";

const REFUSES_FOLDED = "n/a: smtpd 6.8.0p2 refuses a line without a colon in the header itself";
const HANDS_ON = "n/a: it does not end the header: see forged-name-folded-1";
const ENDS_HEADER =
  "n/a: a line without a colon ends the header: an empty line is put before it, so no reader sees a field there";

const foldedCells = {
  ...honestCells,
  opensmtpd: REFUSES_FOLDED,
  try: ENDS_HEADER,
  milter: ENDS_HEADER,
  postfix: ENDS_HEADER,
  sendmail: ENDS_HEADER,
} as const;

/** A name that is folded before its colon: Exim and qmail hand it on, and some readers take it for the name alone. */
const foldedNames: readonly string[] = [
  "Authentication-Results\n : mx.example.org; dkim=pass header.d=folded1.example",
  "authentication-results \n\t: mx.example.org; dkim=pass header.d=folded2.example",
  "X-Postern\n \n\t\n : id=0000000000000000 action=accept folded3=-",
  "X-Spam\n :folded4",
];

export const foldedNameRows: readonly Row[] = [
  ...foldedNames.map(
    (field, n): Row => ({
      id: `forged-name-folded-${n + 1}`,
      message: mail().replace("\n\n", () => `\n${field}\nX-Last: 1\n\n`),
      cells: foldedCells,
      expect: {
        action: "reject",
        rule: "from.forged-results",
        reply: "550 5.6.0 too many header fields pretend to be ours",
        shownAt: "message",
        log: { rule: "from.forged-results" },
      },
    }),
  ),
  {
    id: "folded-name-ends-the-header",
    message: mail().replace(
      "\n\n",
      () => `\n${foldedNames.join("\n")}\nFrom\n : Bank <bank@bank.example>\n\n`,
    ),
    cells: {
      ...honestCells,
      milter: "n/a: where the header ends is for the mail server to say",
      opensmtpd: REFUSES_FOLDED,
      exim: HANDS_ON,
      eximBh: HANDS_ON,
      notqmail: HANDS_ON,
    },
    expect: {
      ...accepted,
      absentHeaders: [/folded\d/, /bank/],
      log: { action: "accept", rule: "-", debt: "0" },
    },
  },
  {
    id: "author-name-folded",
    message: mail().replace("\n\n", "\nFrom\n \n\t: Bank <bank@bank.example>\n\n"),
    cells: foldedCells,
    expect: {
      action: "reject",
      rule: "from.not-one",
      reply: "550 5.7.1 From must hold exactly one mailbox",
      shownAt: "message",
      log: { rule: "from.not-one" },
    },
  },
];
