import fc from "fast-check";
import type { DmarcFact, HeaderFacts, SpfResult } from "../facts/authentication.ts";
import type { Facts, Standing } from "../facts/facts.ts";
import type { Stage } from "../facts/stage.ts";
import { domain, honest, ip, plainHeader, signature, spf } from "./samples.ts";

const temperror = { status: "temperror", detail: "timeout" } as const;
const flag = fc.boolean();
const names = fc.constantFrom("example.com", "example.org", "lists.example.net");
const spfResults = fc.constantFrom<SpfResult>(
  ...(["pass", "fail", "softfail", "neutral", "none", "permerror", "temperror"] as const),
);

/** For tests: what the DNS and the client say; {@link factsOf} draws from it what the sources would. */
export interface World {
  readonly reverse: NonNullable<Facts["fcrdns"]>;
  readonly generic: boolean;
  readonly helo: string | null;
  readonly heloAddress: "found" | "none" | "temperror";
  readonly score: number | undefined;
  readonly tls: boolean | null;
  readonly isBounce: boolean;
  readonly spf: {
    readonly mailfrom: SpfResult;
    readonly helo: SpfResult;
    readonly name: string;
    readonly permitsAll: boolean;
  };
  readonly dkim: readonly {
    readonly result: "pass" | "fail" | "permerror" | "temperror";
    readonly name: string;
  }[];
  readonly author: string | null;
  readonly record: "none" | "p=none" | "quarantine" | "reject" | "temperror";
  readonly header: Pick<
    HeaderFacts,
    "hasMessageId" | "hasListId" | "hasListPost" | "hasHttpsUnsubscribe" | "hasOneClick" | "date"
  >;
  readonly resolver: "up" | "down";
  readonly credits: readonly number[];
  readonly stage: Stage;
  readonly standing: Standing;
}

export const worlds: fc.Arbitrary<World> = fc.record({
  reverse: fc.constantFrom("pass", "fail", "none", "temperror"),
  generic: flag,
  helo: fc.constantFrom(
    null,
    "mail.example.com",
    "192.0.2.7",
    "localhost",
    "MX.example.org",
    "a b",
  ),
  heloAddress: fc.constantFrom("found", "none", "temperror"),
  score: fc.option(fc.constantFrom(0, 5, 29, 30, 69, 95), { nil: undefined }),
  tls: fc.constantFrom(true, false, null),
  isBounce: flag,
  spf: fc.record({ mailfrom: spfResults, helo: spfResults, name: names, permitsAll: flag }),
  dkim: fc.array(
    fc.record({ result: fc.constantFrom("pass", "fail", "permerror", "temperror"), name: names }),
    { maxLength: 3 },
  ),
  author: fc.option(names, { nil: null, freq: 10 }),
  record: fc.constantFrom("none", "p=none", "quarantine", "reject", "temperror"),
  header: fc.record({
    hasMessageId: flag,
    hasListId: flag,
    hasListPost: flag,
    hasHttpsUnsubscribe: flag,
    hasOneClick: flag,
    date: fc.constantFrom(null, "unreadable", "2026-11-24T00:00:00Z", "2020-01-01T00:00:00Z"),
  }),
  resolver: fc.constantFrom("up", "down"),
  credits: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
  stage: fc.constantFrom("connect", "helo", "mail", "rcpt", "message"),
  standing: fc.constantFrom("outside", "outside", "outside", "trusted", "authenticated"),
});

/** The facts that sources would gather there. */
export function factsOf(world: World): Facts {
  const { reverse, generic, helo, heloAddress, score, tls, isBounce, author } = world;
  const name = domain(generic ? "dyn-192-0-2-7.pool.example.net" : "mail.example.com");
  const permits = world.spf.permitsAll ? "everybody" : "some";
  return {
    ...honest,
    stage: world.stage,
    standing: world.standing,
    resolver: world.resolver,
    helo,
    from: isBounce ? "null-sender" : honest.from,
    client: { ...honest.client, tls },
    reverseName:
      reverse === "none"
        ? { status: "none" }
        : reverse === "temperror"
          ? temperror
          : { status: "found", value: name },
    fcrdns: reverse,
    heloAddress:
      heloAddress === "found"
        ? { status: "found", value: [ip("192.0.2.7")] }
        : heloAddress === "none"
          ? { status: "none" }
          : temperror,
    scores: [
      {
        zone: "score.example",
        result: score === undefined ? temperror : { status: "found", value: score },
      },
    ],
    spf: {
      mailfrom: { ...spf(world.spf.mailfrom, world.spf.name), permits },
      helo: spf(world.spf.helo, "mail.example.com"),
    },
    dkim: world.dkim.map((one) => signature({ result: one.result, domain: domain(one.name) })),
    header: {
      ...plainHeader,
      ...world.header,
      author:
        author === null
          ? { status: "not-one", reason: "there is no From field" }
          : { status: "one", domain: domain(author) },
    },
    dmarc: dmarcOf(world),
    credits: world.credits.map((amount) => ({ source: "x", amount, of: "connection" })),
  };
}

/** Aligned is what has the very name of the author. */
function dmarcOf({ author, record, spf: { mailfrom, name }, dkim }: World): DmarcFact {
  if (author === null) return { result: "permerror", policy: null, domain: null };
  const ours = { domain: domain(author) };
  if (record === "temperror") return { ...ours, result: "temperror", policy: null };
  if (record === "none") return { ...ours, result: "none", policy: null };
  const aligned = [{ result: mailfrom, name }, ...dkim].filter((one) => one.name === author);
  const has = (result: string): boolean => aligned.some((one) => one.result === result);
  const result = has("pass") ? "pass" : has("temperror") ? "temperror" : "fail";
  return { ...ours, result, policy: record === "p=none" ? "none" : record };
}

/** Any facts that such a world gives. */
export const anyFacts: fc.Arbitrary<Facts> = worlds.map(factsOf);
