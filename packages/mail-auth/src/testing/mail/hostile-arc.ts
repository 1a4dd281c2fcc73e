import type { HostileMessage } from "./hostile-samples.ts";
import { ATTACKER, message, SELECTOR, VICTIM } from "./hostile-samples.ts";
import { type Field, type MailParts, partsOf } from "./parts.ts";
import { sealMessage } from "./seal.ts";
import { testKey } from "./sign.ts";

const BODY = "Hi\r\n";
const CLAIM = `elsewhere.example; dkim=pass header.d=${VICTIM}; dmarc=pass header.from=${VICTIM}`;

/** A chain that the attacker made alone; every seal of it is good. */
function chainOf(count: number): MailParts {
  let text = message(BODY);
  for (let instance = 1; instance <= count; instance += 1) {
    text = sealMessage(text, {
      ...{ domain: ATTACKER, selector: SELECTOR, key: testKey("ed25519"), instance },
      authenticationResults: CLAIM,
    });
  }
  return partsOf(text);
}

/** A chain of one whose fields somebody treats. */
function treated(treat: (headers: readonly Field[]) => readonly Field[]): () => MailParts {
  return () => {
    const { headers, body } = chainOf(1);
    return { headers: treat(headers), body };
  };
}

export const arcMessages: readonly HostileMessage[] = [
  {
    id: "arc.untrusted",
    description: "A good chain of a sealer that nobody trusts, saying that DMARC passed",
    mustNotPass: ["dmarc"],
    make: () => chainOf(1),
  },
  {
    id: "arc.50-sets",
    description: "A good chain of 50 sets, as many as RFC 8617 allows",
    mustNotPass: ["dmarc"],
    make: () => chainOf(50),
  },
  {
    id: "arc.51-sets",
    description: "A chain of 51 sets",
    mustNotPass: ["arc", "dmarc"],
    make: () => chainOf(51),
  },
  {
    id: "arc.2000-fields",
    description: "2,000 ARC fields: one set and copies of it",
    mustNotPass: ["arc", "dmarc"],
    make: treated((headers) => {
      const set = headers.slice(0, 3);
      return [
        ...Array.from({ length: 2_000 }, (_, at) => set[at % 3] ?? (["", ""] as const)),
        ...headers.slice(3),
      ];
    }),
  },
  {
    id: "arc.2000-instances",
    description: "2,000 ARC fields, each of another instance",
    mustNotPass: ["arc", "dmarc"],
    make: treated((headers) => [
      ...Array.from({ length: 2_000 }, (_, at): Field => {
        const [name, value] = headers[at % 3] ?? ["", ""];
        return [name, value.replace("i=1", `i=${at + 1}`)];
      }),
      ...headers.slice(3),
    ]),
  },
  {
    id: "arc.without-results",
    description: "A set without ARC-Authentication-Results",
    mustNotPass: ["arc", "dmarc"],
    make: treated((headers) => headers.filter(([name]) => name !== "ARC-Authentication-Results")),
  },
  {
    id: "arc.changed-results",
    description: "A set whose ARC-Authentication-Results was changed after sealing",
    mustNotPass: ["arc", "dmarc"],
    make: treated((headers) =>
      headers.map(([name, value]) => [name, value.replace("elsewhere", "mx")] as const),
    ),
  },
];
