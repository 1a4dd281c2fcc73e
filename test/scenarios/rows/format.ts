import { DATE, mail, type Row } from "./base.ts";
import { comesIn } from "./outcomes.ts";

export const formatRows: readonly Row[] = [
  {
    id: "format-nothing-but-from",
    message: `From: a@example.com\nSubject: hello\n\nhello\n`,
    expect: comesIn({
      results: [/dmarc=pass/],
      debt: 4,
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
