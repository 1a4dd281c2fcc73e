import { accepted, type Row } from "./base.ts";

export interface Seen {
  readonly results: readonly RegExp[];
  readonly debt: number;
  readonly rules?: string;
}

/** Let in, with these results and this debt. */
export function comesIn({ results, debt, rules = "-" }: Seen): Row["expect"] {
  return {
    ...accepted,
    headers: [
      ...results,
      new RegExp(`^X-Postern: .*debt=${debt} credit=0 rules=${rules}\\r?$`, "m"),
    ],
    log: { action: "accept", rule: "-", debt: String(debt) },
  };
}

/** Let in, but marked. */
export function isJunk({ results, debt, rules = "-" }: Seen): Row["expect"] {
  return {
    ...comesIn({
      results: [...results, /^X-Spam: yes\r?$/m, /^X-Spam-Flag: YES\r?$/m],
      debt,
      rules,
    }),
    action: "junk",
    log: { action: "junk", rule: "-", debt: String(debt) },
  };
}

export function isRefused(rule: string, reply: string): Row["expect"] {
  return {
    action: reply.startsWith("4") ? "tempfail" : "reject",
    rule,
    reply,
    shownAt: "message",
    log: { stage: "message", rule },
  };
}
