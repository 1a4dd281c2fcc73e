import type { Clock, IpAddress } from "@postern/smtp-filter";
import { within } from "../../deadline.ts";
import { createRoll, type GoodClient } from "./good-clients.ts";
import type { GoodRecord } from "./good-record.ts";
import { isEvidence } from "./list-answer.ts";
import type { AskList } from "./list-health.ts";
import { type Pace, pacedFlight } from "./paced-flight.ts";

/** The other good clients: what a list says of them now, when it lists one of them. */
export interface GoodClientCheck {
  /** A client is known here to be good. */
  admit(client: GoodClient): void;
  /** The list spares a client, who may be one of them. */
  spared(client: IpAddress): void;
  /**
   * The list lists a client. Where that is one of them, it is asked about some of the others who were not asked about
   * lately, and what it says goes to the record.
   *
   * @returns `several` listed, or we could not find out: the list is not to be used against this client either.
   */
  listed(client: IpAddress): Promise<"several" | "few" | "unknown">;
}

const KNOWN = { size: 5_000, maxAgeMs: 7 * 24 * 3_600_000 };
/** Each is asked about once in ten minutes at most, so that no other pace is needed. */
const AT_ONCE: Pace = { restMs: 0, crowd: 1, crowdRestMs: 0 };
/** What it may take, behind the look at the control addresses and within the deadline of a stage. */
const CHECK_MS = 1_000;
const MAX_ASKED = 8;
/** Of them, listed. One may be a hacked server. */
const SEVERAL = 2;
/** Answers about them are out of every cache of ours by then (layers/cache.ts of @postern/dns). */
const FRESH_MS = 10 * 60_000;

/**
 * A list that goes bad for our good clients alone spares all control addresses, and would refuse the first few of them before
 * its record shows it. So when it lists one of them, it is asked about others of them at once.
 */
export function createGoodClientCheck(
  ask: AskList,
  record: GoodRecord,
  clock: Clock,
): GoodClientCheck {
  const known = createRoll<GoodClient & { askedAtMs: number }>(clock, KNOWN);

  const check = pacedFlight(clock, AT_ONCE, async () => {
    const now = clock.nowMs();
    const others = known
      .all()
      .filter(({ askedAtMs }) => now - askedAtMs > FRESH_MS)
      .slice(0, MAX_ASKED);
    const listed = await Promise.all(
      others.map(async (other) => {
        other.askedAtMs = now;
        const reading = await ask(other.address);
        if (reading.kind !== "listed" && reading.kind !== "none") return false;
        record.note(other, isEvidence(reading));
        return isEvidence(reading);
      }),
    );
    return listed.filter(Boolean).length >= SEVERAL ? "several" : "few";
  });

  return {
    admit: (client) => known.put({ ...client, askedAtMs: clock.nowMs() }),
    spared: (address) => {
      const client = known.of(address);
      if (client !== undefined) record.note(client, false);
    },
    listed: async (address) => {
      const client = known.of(address);
      if (client === undefined) return "few";
      client.askedAtMs = clock.nowMs();
      record.note(client, true);
      const ending = await within(clock, CHECK_MS, () => check.run());
      return ending.kind === "done" ? ending.value : "unknown";
    },
  };
}
