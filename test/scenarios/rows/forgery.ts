import { accepted, mail, type Row } from "./base.ts";

/** Ways to write a field that claims to be ours; each names itself, so that what is left can be told. */
const shapes: readonly string[] = [
  "Authentication-Results: mx.example.org; dkim=pass header.d=forged1.example",
  "authentication-results: MX.EXAMPLE.ORG; dkim=pass header.d=forged2.example",
  "Authentication-Results: mx.example.org 1; dkim=pass header.d=forged3.example",
  "Authentication-Results: mx.example.org.; dkim=pass header.d=forged4.example",
  "Authentication-Results: (see (RFC) 8601) mx.example.org; dkim=pass header.d=forged5.example",
  'Authentication-Results: "mx.example.org"; dkim=pass header.d=forged6.example',
  'Authentication-Results: "mx.exa\\mple.org"; dkim=pass header.d=forged7.example',
  "Authentication-Results:\n mx.example.org\n ;\n dkim=pass header.d=forged8.example",
  "Authentication-Results:mx.example.org;dkim=pass header.d=forged9.example",
  "Authentication-Results: mx.example.org (forged10) 1 ; none",
  "Authentication-Results: nonsense mx.example.org; dkim=pass header.d=forged11.example",
  "AUTHENTICATION-RESULTS:\tmx.example.org;\n\tspf=pass smtp.mailfrom=forged12.example",
];

export const forgeryRows: readonly Row[] = [
  {
    id: "forged-results-in-twelve-shapes",
    message: mail([
      ...shapes.slice(0, 6),
      "Authentication-Results: relay.example; dkim=pass header.d=kept.example",
      ...shapes.slice(6),
    ]),
    expect: {
      ...accepted,
      headers: [
        /header\.d=kept\.example/,
        /^Authentication-Results: mx\.example\.org;\r?\n\s+iprev=/m,
      ],
      absentHeaders: [/forged\d/],
      log: { action: "accept", rule: "-", debt: "0" },
    },
  },
  {
    id: "forged-results-by-the-score",
    message: mail(Array.from({ length: 21 }, (_, n) => shapes[n % 6] ?? "")),
    expect: {
      action: "reject",
      rule: "from.forged-results",
      reply: "550 5.6.0 too many header fields pretend to be ours",
      shownAt: "message",
      log: { rule: "from.forged-results" },
    },
  },
  {
    id: "forged-results-behind-2000-fields",
    message: mail([...Array.from({ length: 2_500 }, (_, n) => `X-Filler-${n}: x`), ...shapes]),
    expect: {
      ...accepted,
      absentHeaders: [/forged\d/],
      log: { action: "accept", rule: "-", debt: "0" },
    },
  },
];
