import type { HostileMessage } from "./hostile-samples.ts";
import { forgedSignature, message, signedByVictim } from "./hostile-samples.ts";
import { type Field, partsOf, repeatedBody } from "./parts.ts";

const MEGABYTE = 1_000_000;

/** A field in front of a plain message, signed by the sender too where `isSigned`. */
function withField(name: string, value: string): () => ReturnType<typeof partsOf> {
  return () => {
    const text = `${name}:${value}\r\n${message("Hi\r\n")}`;
    return partsOf(signedByVictim(text, { headers: [name, "From", "Subject"] }));
  };
}

/** A message of one body of 25 MB, whose valid signature says what canonicalisation makes of it. */
function bigBody(unit: string, canonical: string): HostileMessage["make"] {
  return () => {
    const { headers } = partsOf(signedByVictim(message(canonical)));
    return { headers, body: repeatedBody(unit, 25 * MEGABYTE) };
  };
}

const count = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));

/** Messages that cost time or memory: nothing has to be refused, but it has to be over soon. */
export const bulkMessages: readonly HostileMessage[] = [
  {
    id: "bulk.folds",
    description: "A signed header field of 25,600 folds",
    mustNotPass: [],
    make: withField("X-Folds", ` a${"\r\n b".repeat(25_600)}`),
  },
  {
    id: "bulk.long-line",
    description: "A signed body of 25 MB in one line of words and double blanks",
    mustNotPass: [],
    make: () => bigBody("word  ", `${"word ".repeat((25 * MEGABYTE - 4) / 6)}word\r\n`)(),
  },
  {
    id: "bulk.blank-line",
    description: "A body of one line of 25 MB of blanks and tabs, which relaxed makes empty",
    mustNotPass: [],
    make: bigBody(" \t", ""),
  },
  {
    id: "bulk.empty-lines",
    description: "A signed body of 25 MB of empty lines, which canonicalisation makes empty",
    mustNotPass: [],
    make: bigBody("\r\n", ""),
  },
  {
    id: "bulk.blank-lines",
    description: "A signed body of 25 MB of lines that hold one blank",
    mustNotPass: [],
    make: bigBody(" \r\n", ""),
  },
  {
    id: "bulk.carriage-returns",
    description: "A signed body of 25 MB of CRs, none of which ends a line",
    mustNotPass: [],
    make: () => bigBody("\r", "\r".repeat(25 * MEGABYTE))(),
  },
  {
    id: "bulk.line-feeds",
    description: "A body of 25 MB of bare LFs",
    mustNotPass: [],
    make: () => bigBody("\n", "\n".repeat(25 * MEGABYTE))(),
  },
  {
    id: "bulk.from-colons",
    description: "A From field of 60,000 colons",
    mustNotPass: ["dmarc"],
    make: () => partsOf(signedByVictim(message("Hi\r\n", { From: ":".repeat(60_000) }))),
  },
  {
    id: "bulk.from-groups",
    description: "A From field of 20,000 empty groups",
    mustNotPass: ["dmarc"],
    make: () => partsOf(signedByVictim(message("Hi\r\n", { From: "g:;,".repeat(20_000) }))),
  },
  {
    id: "bulk.from-nested-groups",
    description: "A From field of 20,000 groups, each in the one before",
    mustNotPass: ["dmarc"],
    make: () =>
      partsOf(signedByVictim(message("Hi\r\n", { From: `${"g:".repeat(20_000)}a@example.com` }))),
  },
  {
    id: "bulk.from-comments",
    description: "A From field of 60,000 comments, each in the one before, none closed",
    mustNotPass: ["dmarc"],
    make: () => partsOf(signedByVictim(message("Hi\r\n", { From: "(".repeat(60_000) }))),
  },
  {
    id: "bulk.from-quotes",
    description: "A From field of 60,000 characters of quoted pairs, never closed",
    mustNotPass: ["dmarc"],
    make: () => partsOf(signedByVictim(message("Hi\r\n", { From: `"${'\\"'.repeat(30_000)}` }))),
  },
  {
    id: "bulk.from-encoded-words",
    description: "A From field of 10,000 encoded words before its address",
    mustNotPass: [],
    make: () => {
      const From = `${"=?utf-8?q?a?= ".repeat(10_000)}<ann@example.com>`;
      return partsOf(signedByVictim(message("Hi\r\n", { From })));
    },
  },
  {
    id: "bulk.unsubscribe",
    description: "A List-Unsubscribe field of 100,000 characters, with 12,500 openings of a link",
    mustNotPass: [],
    make: withField("List-Unsubscribe", "<https:/".repeat(12_500)),
  },
  {
    id: "bulk.content-type",
    description: "A Content-Type field of 64 KB with 10,000 parameters",
    mustNotPass: [],
    make: () => {
      const many = count(9_999, (at) => `;${at.toString(36).padStart(3, "a")}=1`).join("");
      const start = ` text/plain${many};z=`;
      return withField("Content-Type", start.padEnd(65_536, "z"))();
    },
  },
  {
    id: "bulk.names-times-fields",
    description: "h= of 30,000 names on a message of 2,000 header fields",
    mustNotPass: ["dkim", "dmarc"],
    make: () => {
      const names = count(30_000, (at) => `X-${at % 15_000}`).join(":");
      const { headers, body } = partsOf(message("Hi\r\n"));
      const value = forgedSignature("example.com", "Hi\r\n").replace("h=", `h=${names}:`);
      const more = count(1_994, (at): Field => [`X-${at}`, " v"]);
      return { headers: [["DKIM-Signature", value], ...headers, ...more], body };
    },
  },
];
