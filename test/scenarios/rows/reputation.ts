import { accepted, confirmed, mail, type Row } from "./base.ts";
import { isJunk, isRefused } from "./outcomes.ts";

const noPtr = { "mail.example.com": { A: ["192.0.2.1"] } };
/** Debt 4: a name that does not lead back. */
const ptrOfAnother = { ...confirmed, "mail.example.com": { A: ["198.51.100.9"] } };
const good = { "domain:example.com": 95, "address:192.0.2.1": 90 };

/** Of senders that a store knows, or would know. */
export const reputationRows: readonly Row[] = [
  {
    id: "store-unknown-no-ptr",
    dns: noPtr,
    remembered: { reputation: {}, seen: "retry" },
    expect: {
      ...isRefused("rdns.none", "550 5.7.25 you must have rDNS to contact this MX"),
      shownAt: "RCPT",
      log: { stage: "rcpt", action: "reject", rule: "rdns.none", debt: "10", credit: "0" },
    },
  },
  {
    id: "store-first-no-ptr",
    dns: noPtr,
    remembered: { reputation: {}, seen: "first" },
    expect: {
      ...isRefused("rdns.none", "451 4.7.25 you must have rDNS to contact this MX"),
      shownAt: "RCPT",
      log: { stage: "rcpt", action: "tempfail", rule: "rdns.none", debt: "10", credit: "0" },
    },
  },
  {
    id: "store-good-record-no-ptr",
    dns: noPtr,
    remembered: { reputation: good, seen: "retry" },
    expect: {
      ...accepted,
      headers: [/^X-Postern: .*action=accept debt=10 credit=7\.8 rules=rdns\.none\r?$/m],
      log: { action: "accept", rule: "-", debt: "10", credit: "7.8" },
    },
  },
  {
    id: "store-bad-record-no-ptr",
    dns: noPtr,
    remembered: {
      reputation: { "domain:example.com": 95, "address:192.0.2.1": 10 },
      seen: "retry",
    },
    expect: {
      ...isRefused("rdns.none", "550 5.7.25 you must have rDNS to contact this MX"),
      shownAt: "RCPT",
      log: { stage: "rcpt", action: "reject", rule: "rdns.none", debt: "14", credit: "0" },
    },
  },
  {
    id: "store-bad-record-raises-debt",
    dns: ptrOfAnother,
    message: mail().replace(/^Message-ID:.*\n/m, ""),
    remembered: { reputation: { "domain:example.com": 10 }, seen: "retry" },
    expect: isJunk({
      results: [/iprev=fail/],
      debt: 9.8,
      rules: "rdns\\.mismatch,format\\.no-message-id",
    }),
  },
  {
    id: "store-complaints",
    remembered: {
      reputation: {},
      complaints: { "domain:example.com": { inbox: 20, spam: 10 } },
      seen: "retry",
    },
    expect: isJunk({ results: [/dmarc=pass/], debt: 6, rules: "reputation\\.bad" }),
  },
  {
    id: "store-stranger-first",
    dns: ptrOfAnother,
    remembered: { reputation: {}, seen: "first" },
    expect: isRefused(
      "defer.once",
      "451 4.7.1 we do not know you yet, please try again in a few minutes",
    ),
  },
  {
    id: "store-stranger-again",
    dns: ptrOfAnother,
    remembered: { reputation: {}, seen: "retry" },
    expect: {
      ...accepted,
      headers: [/^X-Postern: .*debt=4 credit=0 rules=rdns\.mismatch\r?$/m],
      log: { action: "accept", rule: "-", debt: "4" },
    },
  },
];
