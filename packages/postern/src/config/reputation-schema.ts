import {
  COMPLAINT_HALF_LIFE_DAYS,
  EVIDENCE_KINDS,
  type EvidenceKind,
  HALF_LIFE_DAYS,
  IDENTITY_KINDS,
  parseSharedPool,
  type SharedPool,
} from "@postern/filter-core";
import { z } from "zod";
import { INHERITED, inherited, optional } from "./key.ts";
import type { ById } from "./rule-schema.ts";
import { list, number, strict, text, wholeNumber } from "./values.ts";

/** `reputation` of one policy file, without inherited values. */
export interface ReputationDraft {
  readonly halfLifeDays?: number | undefined;
  readonly weights?: ById<number> | undefined;
  readonly dailyCaps?: ById<number> | undefined;
  readonly sharedPools?: readonly SharedPool[] | undefined;
  readonly complaints?: ComplaintsDraft | "off" | undefined;
}

/** `complaints` of one policy file. */
interface ComplaintsDraft {
  readonly halfLifeDays?: number | undefined;
  readonly debts?: ById<number> | undefined;
}

/** In days, if no file sets them. */
export const DEFAULT_HALF_LIVES = { evidence: 30, complaints: 3 } as const;

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
      EVIDENCE_KINDS.map((kind) => [
        kind,
        optional(amount, { meaning: MEANING[kind], otherwise: inherited(0) }),
      ]),
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

const complaints: z.ZodType<ComplaintsDraft | "off"> = z.union([
  z.literal("off", { error: "" }),
  strict({
    halfLifeDays: optional(
      wholeNumber(COMPLAINT_HALF_LIFE_DAYS.least, COMPLAINT_HALF_LIFE_DAYS.greatest),
      {
        meaning: "After this many days a delivered or marked message counts half.",
        otherwise: inherited(DEFAULT_HALF_LIVES.complaints),
      },
    ),
    debts: optional(
      strict(
        Object.fromEntries(
          IDENTITY_KINDS.map((kind) => [
            kind,
            optional(number(0, 100), {
              meaning: `The maximum debt of users' complaints about a sender's ${kind}.`,
              otherwise: inherited(0),
            }),
          ]),
        ),
        "identity",
      ),
      {
        meaning:
          "The maximum debt of reputation.bad, by the kind of identity that is complained about.",
        otherwise: INHERITED,
      },
    ),
  }),
]);

export const reputationDraft: z.ZodType<ReputationDraft | "off"> = z.union([
  z.literal("off", { error: "" }),
  strict({
    halfLifeDays: optional(wholeNumber(least, greatest), {
      meaning:
        "After this many days a piece of evidence counts half. Evidence learned before a change keeps its old half-life.",
      otherwise: inherited(DEFAULT_HALF_LIVES.evidence),
    }),
    weights: optional(byKind(number(0, 1000)), {
      meaning: "The weight of one piece of evidence.",
      otherwise: INHERITED,
    }),
    dailyCaps: optional(byKind(wholeNumber(0, 100_000)), {
      meaning: "How many pieces of evidence count per sender and day.",
      otherwise: INHERITED,
    }),
    sharedPools: optional(list(pool), {
      meaning:
        "Large providers whose IP addresses get no reputation: networks, or domains of forward-confirmed reverse names. For author domains among them, only a full address counts as written to. Replaces the inherited list; `known.sharedPools` adds to it.",
      otherwise: "`known.sharedPools`",
    }),
    complaints: optional(complaints, {
      meaning:
        "What it costs that users mark a sender's mail as spam; `off`: marks count as evidence only.",
      otherwise: INHERITED,
    }),
  }),
]);
