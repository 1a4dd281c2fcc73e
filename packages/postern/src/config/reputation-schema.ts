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

/** `reputation` of one policy file, without inherited values. */
export interface ReputationDraft {
  readonly halfLifeDays?: number | undefined;
  readonly weights?: ById<number> | undefined;
  readonly dailyCaps?: ById<number> | undefined;
  readonly sharedPools?: readonly SharedPool[] | undefined;
}

const MEANING: Readonly<Record<EvidenceKind, string>> = {
  clean: "Positive: a message that would have been accepted without any credit.",
  markedHam: "Positive: a user marked a message as ham.",
  writtenTo: "Positive: one of our users wrote to the domain.",
  refused: "Negative: a client or message was refused.",
  misconfigured: "Negative: refused for a misconfigured server (rDNS, HELO, format).",
  unknownRecipient: "Negative: an unknown recipient.",
  relayAttempt: "Negative: an attempt to relay to a domain that is not ours.",
  brokenSmtp: "Negative: unknown SMTP commands.",
  markedSpam: "Negative: a user marked a message as spam.",
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
    parseSharedPool(written) ?? {
      wrong: "must be a domain name or a network such as 192.0.2.0/24",
    },
);

const { least, greatest } = HALF_LIFE_DAYS;

export const reputationDraft: z.ZodType<ReputationDraft | "off"> = z.union([
  z.literal("off", { error: "" }),
  strict({
    halfLifeDays: wholeNumber(least, greatest)
      .optional()
      .describe(
        "After this many days a piece of evidence counts half. Evidence learned before a change keeps its old half-life.",
      ),
    weights: byKind(number(0, 1000)).optional().describe("The weight of one piece of evidence."),
    dailyCaps: byKind(wholeNumber(0, 100_000))
      .optional()
      .describe("How many pieces of evidence count per sender and day."),
    sharedPools: list(pool)
      .optional()
      .describe(
        "Large providers whose IP addresses get no reputation: networks, or domains of forward-confirmed reverse names. For author domains among them, only a full address counts as written to. Replaces the inherited list; `known.sharedPools` adds to it.",
      ),
  }),
]);
