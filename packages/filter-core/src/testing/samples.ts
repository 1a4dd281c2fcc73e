import { type Domain, type IpAddress, parseDomain, parseIpAddress } from "@postern/smtp-filter";
import type {
  DkimFact,
  DmarcFact,
  HeaderFacts,
  SpfFact,
  SpfResult,
} from "../facts/authentication.ts";
import type { Facts } from "../facts/facts.ts";
import type { Policy, RulePolicy } from "../policy/policy.ts";
import { parseReplyTemplate, type ReplyTemplate } from "../policy/reply-template.ts";

/** For tests: a domain that is one. */
export function domain(text: string): Domain {
  const parsed = parseDomain(text);
  if (parsed === undefined) throw new RangeError(`Cannot test with the domain ${text}`);
  return parsed;
}

/** For tests: an address that is one. */
export function ip(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new RangeError(`Cannot test with the address ${text}`);
  return parsed;
}

/** For tests: a reply that is one. */
export function reply(text: string): ReplyTemplate {
  const parsed = parseReplyTemplate(text);
  if (typeof parsed === "string")
    throw new RangeError(`Cannot test with the reply ${text}: ${parsed}`);
  return parsed;
}

/** For tests: what SPF says of a domain. */
export function spf(result: SpfResult, name = "example.com"): SpfFact {
  return { result, domain: domain(name), permits: "some" };
}

/** For tests: a signature that passes, or else does not. */
export function signature(other: Partial<DkimFact> = {}): DkimFact {
  return {
    result: "pass",
    domain: domain("example.com"),
    selector: domain("s1"),
    algorithm: "rsa-sha256",
    signature: "dzdVyOfA",
    reason: null,
    ...other,
  };
}

/** For tests: what DMARC says of a domain. */
export function dmarc(
  result: DmarcFact["result"],
  policy: DmarcFact["policy"],
  name = "example.com",
): DmarcFact {
  return { result, policy, domain: domain(name) };
}

/** The header of an honest message. */
export const plainHeader: HeaderFacts = {
  author: { status: "one", domain: domain("example.com") },
  organization: domain("example.com"),
  hasMessageId: true,
  hasReceived: true,
  namedDomain: null,
  replyTo: null,
  date: "2026-11-24T11:59:00.000Z",
  hasListId: false,
  hasListPost: false,
  hasHttpsUnsubscribe: false,
  hasOneClick: false,
};

/** An honest server that has said all there is to say. */
export const honest: Facts = {
  version: 1,
  now: "2026-11-24T12:00:00.000Z",
  stage: "message",
  standing: "outside",
  site: { authservId: "mx.example.org", localDomains: [domain("example.org")] },
  client: {
    address: ip("192.0.2.7"),
    port: 41_000,
    localAddress: ip("198.51.100.25"),
    localPort: 25,
    daemonName: null,
    mta: { name: "postfix", version: "3.7.11" },
    tls: true,
  },
  helo: "mail.example.com",
  from: { text: "a@example.com", localPart: "a", domain: domain("example.com") },
  recipients: [{ text: "b@example.org", localPart: "b", domain: domain("example.org") }],
  reverseName: { status: "found", value: domain("mail.example.com") },
  fcrdns: "pass",
  heloAddress: { status: "found", value: [ip("192.0.2.7")] },
  scores: [{ zone: "score.example", result: { status: "found", value: 95 } }],
  spf: { mailfrom: spf("pass"), helo: spf("pass", "mail.example.com") },
  header: plainHeader,
  dkim: [signature()],
  arc: { result: "none", sealers: [] },
  dmarc: dmarc("pass", "reject"),
};

const weigh = (kind: RulePolicy["kind"], debt: number, text: string): RulePolicy => ({
  kind,
  debt,
  reply: reply(text),
});

/** The shape of postmaster-2026, as far as facts go. */
export const policy: Policy = {
  name: "sample",
  mode: "enforce",
  refuseAt: "rcpt",
  thresholds: { reject: 10, junk: 6, defer: 4 },
  caps: {
    rdns: 10,
    helo: 4,
    lists: 10,
    operator: 8,
    score: 10,
    sender: 10,
    auth: 6,
    ours: 6,
    format: 3,
    bulk: 1,
    credit: 8,
  },
  credits: { "lists.dnswl-med": 2, "lists.dnswl-hi": 4 },
  rules: {
    "client.denied": weigh("hard", 0, "550 5.7.1 refused by local policy"),
    "helo.ours": weigh("hard", 0, "550 5.7.1 that is my name, not yours"),
    "sender.null-mx": weigh("hard", 0, "550 5.7.27 no mail there"),
    "lists.drop": weigh("hard", 0, "550 5.7.1 dropped"),
    "from.not-one": weigh("hard", 0, "550 5.7.1 From must hold exactly one mailbox"),
    "rdns.none": weigh("final", 10, "550 5.7.25 you must have rDNS to contact this MX"),
    "rdns.mismatch": weigh("final", 4, "550 5.7.25 you must have FCrDNS to contact this MX"),
    "rdns.generic": weigh("final", 3, "550 5.7.25 no generic names"),
    "helo.not-a-name": weigh("final", 3, "550 5.5.2 HELO is no name"),
    "helo.no-address": weigh("weighed", 1, "550 5.5.2 HELO has no address"),
    "lists.sbl": weigh("final", 8, "550 5.7.1 {ip} is listed at {zone}, see {url}"),
    "lists.css": weigh("final", 8, "550 5.7.1 {ip} is listed at {zone}, see {url}"),
    "lists.xbl": weigh("final", 8, "550 5.7.1 {ip} is listed at {zone}, see {url}"),
    "lists.pbl": weigh("final", 5, "550 5.7.1 {ip} is listed at {zone}, see {url}"),
    "lists.class2": weigh("final", 2, "550 5.7.1 {ip} is listed at {zone}, see {url}"),
    "sender.no-domain": weigh("final", 10, "550 5.1.8 no such domain"),
    "sender.temperror": weigh("hard", 0, "451 4.4.3 your domain cannot be looked up"),
    "auth.none": weigh("weighed", 3, "550 5.7.26 neither SPF nor DKIM passes"),
    "spf.fail": weigh("weighed", 3, "550 5.7.23 SPF fails"),
    "spf.softfail": weigh("weighed", 1, "550 5.7.23 SPF fails"),
    "spf.permerror": weigh("weighed", 1, "550 5.7.23 the SPF record is broken"),
    "spf.pass-all": weigh("weighed", 3, "550 5.7.23 the SPF record allows the whole world"),
    "dmarc.reject": { ...weigh("weighed", 10, "550 5.7.26 DMARC fails"), cap: 10 },
    "dmarc.reject-list": weigh("weighed", 6, "550 5.7.26 DMARC fails"),
    "dmarc.quarantine": weigh("weighed", 6, "550 5.7.26 DMARC fails"),
    "dmarc.none": weigh("weighed", 1, "550 5.7.26 DMARC fails"),
    "dmarc.absent": weigh("weighed", 1, "550 5.7.26 no DMARC record"),
    "dmarc.temperror": weigh("hard", 0, "451 4.7.0 DMARC cannot be checked at the moment"),
    "from.ours": weigh("weighed", 6, "550 5.7.1 that is our domain, not yours"),
    "tls.none": weigh("weighed", 1, "550 5.7.10 encrypt"),
    "format.no-message-id": weigh("weighed", 1, "550 5.6.0 there is no Message-ID"),
    "format.no-date": weigh("weighed", 1, "550 5.6.0 there is no Date"),
    "format.odd-date": weigh("weighed", 1, "550 5.6.0 the Date is off"),
    "bulk.no-one-click": weigh("weighed", 1, "550 5.7.1 one click"),
    "score.low": {
      ...weigh("final", 0, "550 5.7.1 your IP reputation is too low for this MX"),
      tiers: [
        { below: 10, debt: 10 },
        { below: 30, debt: 6 },
        { below: 70, debt: 2 },
      ],
    },
  },
  slowFactorMs: 0,
  scoreHeader: false,
  replyId: false,
  deny: [],
  allow: [],
  allowCancels: "debts",
  recipients: [],
};
