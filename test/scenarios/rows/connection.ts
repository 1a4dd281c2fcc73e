import { accepted, article, confirmed, mail, PTR, type Row, SCORE, scored, site } from "./base.ts";

/** Of the client, its name, its score, and how the site wants it treated. */
export const connectionRows: readonly Row[] = [
  {
    id: "honest",
    expect: {
      ...accepted,
      headers: [
        /^Authentication-Results: mx\.example\.org;\r?\n\s+iprev=pass policy\.iprev=192\.0\.2\.1;\r?\n\s+spf=pass smtp\.mailfrom=example\.com;\r?\n\s+dkim=none;\r?\n\s+dmarc=pass policy\.dmarc=none header\.from=example\.com\r?\nX-Postern: id=[0-9a-f]{16} action=accept debt=0 credit=0 rules=-\r?$/m,
      ],
      absentHeaders: [/^X-Spam/m],
      log: /^[0-9a-f]{16} postfix message address=192\.0\.2\.1 rdns=mail\.example\.com helo=mail\.example\.com from=<a@example\.com> to=<b@example\.org> action=accept rule=- debt=0 credit=0 result="250" rules=- dmarc=pass author=example\.com( queue=\S+)? message-id=<\S+>$/,
    },
  },
  {
    id: "no-ptr",
    dns: { "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      action: "reject",
      rule: "rdns.none",
      reply: "550 5.7.25 you must have rDNS to contact this MX",
      shownAt: "RCPT",
      log: /^[0-9a-f]{16} postfix rcpt address=192\.0\.2\.1 rdns=<none> helo=mail\.example\.com from=<a@example\.com> to=<b@example\.org> action=reject rule=rdns\.none debt=10 credit=0 result="550 5\.7\.25 you must have rDNS to contact this MX" rules=rdns\.none:10$/,
    },
  },
  {
    id: "no-ptr-article",
    config: article,
    dns: { "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      action: "tempfail",
      rule: "rdns.none",
      reply: "421 you must have rDNS to contact this MX",
      shownAt: "EHLO",
      log: / postfix helo .*action=tempfail rule=rdns\.none .*result="421 you must have rDNS to contact this MX" rules=rdns\.none:refuse$/,
    },
  },
  {
    id: "ptr-of-another",
    dns: { ...confirmed, "mail.example.com": { A: ["198.51.100.9"] } },
    expect: {
      ...accepted,
      headers: [
        /iprev=fail policy\.iprev=192\.0\.2\.1/,
        /^X-Postern: .*debt=4 credit=0 rules=rdns\.mismatch\r?$/m,
      ],
      log: /action=accept rule=- debt=4/,
    },
  },
  {
    id: "ptr-of-another-article",
    config: article,
    dns: { ...confirmed, "mail.example.com": { A: ["198.51.100.9"] } },
    expect: {
      action: "tempfail",
      rule: "rdns.mismatch",
      reply: "421 you must have FCrDNS to contact this MX",
      shownAt: "EHLO",
      log: /rule=rdns\.mismatch/,
    },
  },
  {
    id: "several-names-one-confirms",
    dns: {
      [PTR]: { PTR: ["zz.example.com", "aa.example.com", "mail.example.com"] },
      "mail.example.com": { A: ["203.0.113.5", "192.0.2.1"] },
      "aa.example.com": { A: ["203.0.113.5"] },
    },
    expect: { ...accepted, headers: [/iprev=pass/], log: /rdns=mail\.example\.com .*debt=0/ },
  },
  {
    id: "generic-v4",
    dns: {
      [PTR]: { PTR: ["dsl-192-0-2-1.pool.example.net"] },
      "dsl-192-0-2-1.pool.example.net": { A: ["192.0.2.1"] },
      "mail.example.com": { A: ["192.0.2.1"] },
    },
    expect: { ...accepted, headers: [/debt=3 credit=0 rules=rdns\.generic\r?$/m], log: /debt=3/ },
  },
  {
    id: "generic-v4-article",
    config: article,
    dns: {
      [PTR]: { PTR: ["dsl-192-0-2-1.pool.example.net"] },
      "dsl-192-0-2-1.pool.example.net": { A: ["192.0.2.1"] },
    },
    expect: {
      action: "reject",
      rule: "rdns.generic",
      reply: "550 no residential connections",
      shownAt: "MAIL",
      log: /rule=rdns\.generic/,
    },
  },
  {
    id: "generic-v6",
    client: { ip: "2001:db8::25" },
    dns: {
      "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": {
        PTR: ["2001-db8--25.dyn.example.net"],
      },
      "2001-db8--25.dyn.example.net": { AAAA: ["2001:db8::25"] },
      "mail.example.com": { AAAA: ["2001:db8::25"] },
    },
    expect: {
      ...accepted,
      headers: [/iprev=pass policy\.iprev="2001:db8::25"/, /rules=rdns\.generic\r?$/m],
      log: /address=2001:db8::25 .*debt=3/,
    },
  },
  {
    id: "name-with-odd-bytes",
    dns: { [PTR]: { PTR: ['evil" name|x.example.com'] }, "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      action: "reject",
      rule: "rdns.none",
      reply: "550 5.7.25 you must have rDNS to contact this MX",
      shownAt: "RCPT",
      log: /rdns=<none>/,
    },
  },
  {
    id: "score-5-article",
    config: article,
    dns: { ...confirmed, [SCORE]: { A: ["127.0.4.5"] } },
    expect: {
      action: "reject",
      rule: "score.low",
      reply: "550 your IP reputation is too low for this MX",
      shownAt: "MAIL",
      log: /rule=score\.low/,
    },
  },
  {
    id: "score-60-article",
    config: article,
    dns: { ...confirmed, [SCORE]: { A: ["127.0.4.60"] } },
    expect: {
      action: "junk",
      rule: null,
      reply: null,
      headers: [
        /^X-Spam: yes\r?$/m,
        /^X-Spam-Flag: YES\r?$/m,
        /^X-SenderScore: 60\r?$/m,
        /action=junk/,
      ],
      log: /action=junk rule=- .*result="250" rules=score\.low:junk /,
    },
  },
  {
    id: "score-95-article",
    config: article,
    dns: { ...confirmed, [SCORE]: { A: ["127.0.4.95"] } },
    expect: {
      ...accepted,
      headers: [/^X-SenderScore: 95\r?$/m],
      absentHeaders: [/^X-Spam/m],
      log: /action=accept/,
    },
  },
  {
    id: "score-none-article",
    config: article,
    expect: { ...accepted, absentHeaders: [/^X-SenderScore:/m], log: /action=accept/ },
  },
  {
    id: "score-zone-refuses-us",
    // Of a name of its own: it stays muted through the next reloads.
    config: { ...site, scores: [{ zone: "refusing.example" }] },
    dns: { ...confirmed, "1.2.0.192.refusing.example": { A: ["127.255.255.255"] } },
    expect: { ...accepted, headers: [/debt=0/], log: /action=accept rule=- debt=0/ },
  },
  {
    id: "score-5",
    config: scored,
    dns: { ...confirmed, [SCORE]: { A: ["127.0.4.5"] } },
    expect: {
      action: "reject",
      rule: "score.low",
      reply: "550 5.7.1 your IP reputation is too low for this MX",
      shownAt: "RCPT",
      log: /rule=score\.low debt=10/,
    },
  },
  {
    id: "helo-bare-address",
    helo: "192.0.2.1",
    expect: {
      ...accepted,
      headers: [/debt=5 credit=0 rules=helo\.not-a-name/],
      log: /helo=192\.0\.2\.1 /,
    },
  },
  {
    id: "helo-unqualified",
    helo: "localhost",
    expect: { ...accepted, headers: [/rules=helo\.not-a-name/], log: /helo=localhost / },
  },
  {
    id: "helo-ours",
    helo: "mx.example.org",
    expect: {
      action: "reject",
      rule: "helo.ours",
      reply: "550 5.7.1 that is my name, not yours",
      shownAt: "RCPT",
      log: /rule=helo\.ours/,
    },
  },
  {
    id: "helo-without-address",
    helo: "nowhere.example.com",
    expect: { ...accepted, headers: [/debt=1 credit=0 rules=helo\.no-address/], log: /debt=1/ },
  },
  {
    id: "dns-dead",
    config: scored,
    dns: { [PTR]: "timeout", [SCORE]: "timeout", "mail.example.com": "timeout" },
    expect: {
      ...accepted,
      headers: [/iprev=temperror/, /debt=0/],
      log: /rdns=<temperror> .*debt=0/,
    },
  },
  {
    id: "authenticated-from-a-bad-address",
    client: { ip: "198.51.100.7", user: "carol" },
    dns: {},
    message: mail(["Authentication-Results: mx.example.org; spf=pass"]),
    expect: {
      ...accepted,
      absentHeaders: [/^Authentication-Results:/m, /^X-Postern:/m],
      log: /action=accept rule=- debt=0/,
    },
  },
  {
    id: "submission-before-login",
    client: { ip: "198.51.100.7", user: "carol", listener: "submission" },
    config: { ...article, submission: { daemonNames: ["ORIGINATING"], ports: [587] } },
    dns: {},
    expect: { ...accepted, absentHeaders: [/^X-Postern:/m], log: /action=accept rule=- debt=0/ },
  },
  {
    id: "trusted-network",
    config: { ...site, trusted: ["192.0.2.0/24"] },
    dns: {},
    expect: { ...accepted, absentHeaders: [/^X-Postern:/m], log: /action=accept rule=- debt=0/ },
  },
  {
    id: "null-sender",
    from: "",
    expect: {
      ...accepted,
      headers: [/debt=1 credit=0 rules=dmarc\.none/],
      log: /from=<> to=<b@example\.org> action=accept/,
    },
  },
  {
    id: "two-recipients-one-postmaster",
    rcpt: ["b@example.org", "postmaster@example.org"],
    dns: { "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      action: "reject",
      rule: "rdns.none",
      reply: "550 5.7.25 you must have rDNS to contact this MX",
      shownAt: "RCPT",
      headers: [/^X-Spam: yes\r?$/m, /^X-Spam-Flag: YES\r?$/m, /iprev=permerror/],
      log: /message .*to=<postmaster@example\.org> action=junk rule=- debt=10/,
    },
  },
  {
    id: "observe",
    config: { ...site, mode: "observe" },
    dns: { "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      ...accepted,
      headers: [/^X-Postern: .* action=accept .* would=reject\r?$/m],
      absentHeaders: [/^X-Spam/m],
      log: /action=accept rule=- debt=10 credit=0 result="250" rules=rdns\.none:10 .*would=reject mode=observe$/,
    },
  },
  {
    id: "junk-mode",
    config: { ...site, mode: "junk" },
    dns: { "mail.example.com": { A: ["192.0.2.1"] } },
    expect: {
      action: "junk",
      rule: null,
      reply: null,
      headers: [/^X-Spam: yes\r?$/m, /^X-Spam-Flag: YES\r?$/m, /would=reject/],
      log: /action=junk rule=- .*would=reject mode=junk$/,
    },
  },
  {
    id: "forged-headers",
    message: mail([
      "X-Spam: no",
      "x-spam-flag : YES",
      "authentication-results: (c) MX.example.org; dkim=pass",
      "Authentication-Results: other.example; dkim=pass",
      "Authentication-Results: mx.example.org 1; spf=pass smtp.mailfrom=forged.example",
      "X-Postern: id=forged",
    ]),
    expect: {
      ...accepted,
      headers: [/^Authentication-Results: other\.example; dkim=pass\r?$/m],
      absentHeaders: [/^X-Spam/im, /forged\.example/, /\(c\) MX/, /id=forged/],
      log: /action=accept/,
    },
  },
  {
    id: "denied",
    config: {
      ...site,
      policy: { extends: "postmaster-2026", deny: [{ senderDomain: "example.com" }] },
    },
    expect: {
      action: "reject",
      rule: "client.denied",
      reply: "550 5.7.1 refused by local policy",
      shownAt: "RCPT",
      log: /rule=client\.denied/,
    },
  },
  {
    id: "refuse-at-connect",
    config: { ...site, policy: { extends: "postmaster-2026", refuseAt: "connect" } },
    dns: {},
    expect: {
      action: "reject",
      rule: "rdns.none",
      reply: "550 5.7.25 you must have rDNS to contact this MX",
      shownAt: "MAIL",
      log: /postfix helo .*rule=rdns\.none/,
    },
  },
];
