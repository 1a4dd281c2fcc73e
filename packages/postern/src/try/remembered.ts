import { type Facts, IDENTITY_KINDS, parseIdentity } from "@postern/filter-core";

/** The facts that come from a store. */
export type Remembered = Pick<Facts, "reputation" | "seen">;

/** A delivery that was retried as a mail server does, after its 451 period has ended. */
const RETRY: NonNullable<Facts["seen"]> = {
  deferral: { firstSecondsAgo: 600, tries: 1 },
  faults: { firstSecondsAgo: 2 * 86_400, tries: 10 },
};

/**
 * What a store would say: what it thinks of the identities given, nothing of others, and whether it has seen this
 * delivery before. Without either word there is no store.
 *
 * @throws {SyntaxError} where a key names nobody.
 */
export function remembered(
  reputation: Readonly<Record<string, number>> | null,
  seen: "first" | "retry" | null,
): Remembered {
  if (reputation === null && seen === null) return {};
  const scores = Object.entries(reputation ?? {}).map(([text, score]) => {
    const identity = parseIdentity(text);
    if (identity !== undefined) return [identity.key, score] as const;
    const kinds = IDENTITY_KINDS.map((kind) => `${kind}:`).join(", ");
    throw new SyntaxError(
      `reputation: ${JSON.stringify(text)} names nobody: a key begins with ${kinds} and goes on with a domain or an address`,
    );
  });
  return {
    reputation: Object.fromEntries(scores),
    ...(seen === null
      ? {}
      : { seen: seen === "first" ? { deferral: "first", faults: "first" } : RETRY }),
  };
}
