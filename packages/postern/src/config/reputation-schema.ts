import {
  EVIDENCE_KINDS,
  type EvidenceKind,
  HALF_LIFE_DAYS,
  parseSharedPool,
  type SharedPool,
} from "@postern/filter-core";
import { z } from "zod";
import type { ById } from "./rule-schema.ts";
import { list, number, strict, text, wholeNumber } from "./values.ts";

/** What one policy file says itself of reputation. */
export interface ReputationDraft {
  readonly halfLifeDays?: number | undefined;
  readonly weights?: ById<number> | undefined;
  readonly dailyCaps?: ById<number> | undefined;
  readonly sharedPools?: readonly SharedPool[] | undefined;
}

const MEANING: Readonly<Record<EvidenceKind, string>> = {
  clean: "For: a message that would have been accepted without any credit.",
  markedHam: "For: a user's mark that a message is wanted.",
  writtenTo: "For: a user of ours wrote to the domain.",
  refused: "Against: a message or a client that was refused.",
  misconfigured: "Against: the same, for a fault of the server's set-up.",
  unknownRecipient: "Against: a recipient that does not exist.",
  relayAttempt: "Against: a recipient that is not ours.",
  brokenSmtp: "Against: a conversation that is no SMTP.",
  markedSpam: "Against: a user's mark that a message is spam.",
};

const byKind = (amount: z.ZodNumber): z.ZodType<ById<number>> =>
  strict(
    Object.fromEntries(
      EVIDENCE_KINDS.map((kind) => [kind, amount.optional().describe(MEANING[kind])]),
    ),
    "kind",
  );

const pool: z.ZodType<SharedPool> = text<SharedPool>(
  (written) =>
    parseSharedPool(written) ?? { wrong: "is no domain name and no network, such as 192.0.2.0/24" },
);

const { least, greatest } = HALF_LIFE_DAYS;

export const reputationDraft: z.ZodType<ReputationDraft | "off"> = z.union([
  z.literal("off", { error: "" }),
  strict({
    halfLifeDays: wholeNumber(least, greatest)
      .optional()
      .describe(
        "After so many days evidence counts half. What was learned before a change fades as it did.",
      ),
    weights: byKind(number(0, 1000)).optional().describe("What a piece of evidence weighs."),
    dailyCaps: byKind(wholeNumber(0, 100_000))
      .optional()
      .describe("How many pieces count for one sender in one day."),
    sharedPools: list(pool)
      .optional()
      .describe(
        "Big senders, whose addresses earn and lose nothing: networks, or domains of confirmed reverse names; of author domains among them only whole addresses count as written to. Replaces the inherited list.",
      ),
  }),
]);
