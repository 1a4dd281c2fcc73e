import { type Complaints, type Facts, IDENTITY_KINDS, parseIdentity } from "@postern/filter-core";

/** The facts that come from a store. */
export type Remembered = Pick<Facts, "reputation" | "complaints" | "seen">;

/** A delivery that was retried as a mail server does, after its 451 period has ended. */
const RETRY: NonNullable<Facts["seen"]> = {
  deferral: { firstSecondsAgo: 600, tries: 1 },
  faults: { firstSecondsAgo: 2 * 86_400, tries: 10 },
};

/**
 * What a store would say: what it thinks of the identities given, and what users complained about, nothing of others, and
 * whether it has seen this delivery before. Without any of them there is no store.
 *
 * @throws {SyntaxError} where a key names nobody.
 */
export function remembered(
  reputation: Readonly<Record<string, number>> | null,
  seen: "first" | "retry" | null,
  complaints: Readonly<Record<string, Complaints>> | null = null,
): Remembered {
  if (reputation === null && seen === null && complaints === null) return {};
  return {
    reputation: byIdentity("reputation", reputation ?? {}),
    ...(complaints === null ? {} : { complaints: byIdentity("complaints", complaints) }),
    ...(seen === null
      ? {}
      : { seen: seen === "first" ? { deferral: "first", faults: "first" } : RETRY }),
  };
}

function byIdentity<T>(what: string, given: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(given).map(([text, value]) => {
    const identity = parseIdentity(text);
    if (identity !== undefined) return [identity.key, value] as const;
    const kinds = IDENTITY_KINDS.map((kind) => `${kind}:`).join(", ");
    throw new SyntaxError(
      `${what}: ${JSON.stringify(text)} names nobody: a key begins with ${kinds} and goes on with a domain or an address`,
    );
  });
  return Object.fromEntries(entries);
}
