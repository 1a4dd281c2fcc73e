import type { HostileMessage } from "./hostile-samples.ts";
import { forgedSignature, message, signedByVictim } from "./hostile-samples.ts";
import { type Field, type MailParts, partsOf } from "./parts.ts";

const BODY = "Hi\r\n";

/** Forged DKIM-Signature fields before a plain message. */
function withSignatures(values: readonly string[], body = BODY): MailParts {
  const { headers, body: chunks } = partsOf(message(body));
  const fields = values.map((value): Field => ["DKIM-Signature", value]);
  return { headers: [...fields, ...headers], body: chunks };
}

const many = (length: number, make: (at: number) => string): string[] =>
  Array.from({ length }, (_, at) => make(at));

/** One signature more often, larger or odder than anyone needs; each is forged, so none may pass. */
const forged: readonly HostileMessage[] = [
  {
    id: "signature.10000-domains",
    description: "10,000 DKIM-Signature fields, each of another domain that has a key",
    mustNotPass: ["dkim", "dmarc"],
    make: () => withSignatures(many(10_000, (at) => forgedSignature(`d${at}.flood.example`, BODY))),
  },
  {
    id: "signature.400-lengths",
    description: "400 signatures on a body of 1 MB, each with another l=",
    mustNotPass: ["dkim", "dmarc"],
    make: () => {
      const body = "Some  words, and more of them \r\n".repeat(31_250);
      const one = forgedSignature("example.com", BODY);
      return withSignatures(
        many(400, (at) => one.replace(" h=", ` l=${900_000 + at}; h=`)),
        body,
      );
    },
  },
  {
    id: "signature.long-b",
    description: "A signature of 64 KB in b=",
    mustNotPass: ["dkim", "dmarc"],
    make: () =>
      withSignatures([
        forgedSignature("example.com", BODY).replace(/b=[^;]*$/, () => `b=${"A".repeat(65_536)}`),
      ]),
  },
  {
    id: "signature.long-b-folded",
    description: "A signature of 64 KB in b=, of one character a line",
    mustNotPass: ["dkim", "dmarc"],
    make: () =>
      withSignatures([
        forgedSignature("example.com", BODY).replace(
          /b=[^;]*$/,
          () => `b=${"A\r\n ".repeat(16_384)}`,
        ),
      ]),
  },
  {
    id: "signature.60000-tags",
    description: "A signature of 60,000 tags that nobody knows",
    mustNotPass: ["dkim", "dmarc"],
    make: () =>
      withSignatures([
        forgedSignature("example.com", BODY, many(60_000, (at) => `x${at}=;`).join("")),
      ]),
  },
  {
    id: "signature.60000-same-tags",
    description: "A signature that says the same tag 60,000 times",
    mustNotPass: ["dkim", "dmarc"],
    make: () => withSignatures([forgedSignature("example.com", BODY, "q=dns/txt;".repeat(60_000))]),
  },
  {
    id: "signature.60000-blanks",
    description: "A signature with 60,000 blanks between two tags",
    mustNotPass: ["dkim", "dmarc"],
    make: () => withSignatures([forgedSignature("example.com", BODY, " ".repeat(60_000))]),
  },
  {
    id: "signature.nul-in-domain",
    description:
      "d= holds a NUL: one reader asks for the key of the first half, another of the whole",
    mustNotPass: ["dkim", "dmarc"],
    make: () => partsOf(signedByVictim(message(BODY), { domain: "example.com\0.attack.example" })),
  },
  {
    id: "signature.parenthesis-in-domain",
    description: "d= holds what opens a comment in Authentication-Results",
    mustNotPass: ["dkim", "dmarc"],
    make: () => partsOf(signedByVictim(message(BODY), { domain: "example.com(.attack.example" })),
  },
];

/** A signature of a part of the body and what somebody appended (RFC 6376 section 8.2). */
function appended(signedLength: number, more: string, type: string | null = null): MailParts {
  const signed = signedByVictim(message(BODY), { bodyLength: signedLength });
  return partsOf(`${type === null ? "" : `Content-Type: ${type}\r\n`}${signed}${more}`);
}

const lengths: readonly HostileMessage[] = [
  {
    id: "length.zero",
    description: "l=0: the whole body is of somebody else",
    mustNotPass: ["dkim", "dmarc"],
    make: () => appended(0, "Buy this\r\n"),
  },
  {
    id: "length.appended",
    description: "l= is the signed body, and lines follow it",
    mustNotPass: ["dkim", "dmarc"],
    make: () => appended(BODY.length, "Buy this\r\n"),
  },
  {
    id: "length.appended-part",
    description:
      "l= is the signed body, and an unsigned Content-Type makes it the preamble of another",
    mustNotPass: ["dkim", "dmarc"],
    make: () =>
      appended(
        BODY.length,
        "--b\r\nContent-Type: text/html\r\n\r\n<b>Buy this</b>\r\n--b--\r\n",
        'multipart/mixed; boundary="b"',
      ),
  },
  {
    id: "length.too-long",
    description: "l= claims more than there is (RFC 6376 section 3.5: an invalid signature)",
    mustNotPass: ["dkim", "dmarc"],
    make: () => appended(BODY.length + 1, ""),
  },
];

export const signatureMessages: readonly HostileMessage[] = [...forged, ...lengths];
