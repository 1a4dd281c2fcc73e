import { type Clock, type IpAddress, isIpv6 } from "@postern/smtp-filter";
import { within } from "../../deadline.ts";
import { createControlAddresses, POOLS } from "./control-addresses.ts";
import {
  type AskList,
  type ControlResult,
  checkAll,
  checkSome,
  type Health,
} from "./list-health.ts";
import { type Pace, pacedFlight } from "./paced-flight.ts";

/** What addresses that send no mail say of a zone. */
export interface Controls {
  /** A look that begins after this call, at control addresses of the client's family. Never rejects. */
  look(client: IpAddress): Promise<ControlResult>;
  /** All control addresses of both families, now. */
  checkAll(): Promise<Health>;
  /** Forgets which of them the zone has its reasons for. */
  reset(): void;
  close(): void;
}

/**
 * Of a zone that lists 60 % of everything, eight of eight are spared one time in 1,500, three of three one in sixteen.
 */
const CONTROL_ADDRESSES = 8;

/**
 * A look costs eight questions: at most 2.7 a second where few clients are listed, 16 where many are. Those who wait
 * meanwhile share it, and in a crowd nobody holds a process of the mail server for long.
 */
export const LOOKS: Pace = { restMs: 3_000, crowd: 10, crowdRestMs: 500 };

/** What waiting for a look and the look itself may take: with the zone's own answer still within the deadline of a stage. */
const LOOK_MS = 4_000;

const UNKNOWN: ControlResult = { health: { kind: "unknown" } };

/** @param ask on our own account: a client with too many questions under way would hold up everybody's look. */
export function createControls(ask: AskList, clock: Clock, pace: Pace = LOOKS): Controls {
  const pools = [createControlAddresses(POOLS.ipv4), createControlAddresses(POOLS.ipv6)] as const;
  const [ipv4, ipv6] = pools.map((pool) => {
    let isInDoubt = false;
    return pacedFlight(clock, pace, async () => {
      const look = await checkSome(
        ask,
        pool,
        isInDoubt ? Number.POSITIVE_INFINITY : CONTROL_ADDRESSES,
      );
      isInDoubt = look.health.kind !== "passed";
      return look;
    });
  });
  return {
    look: async (client) => {
      const flight = isIpv6(client) ? ipv6 : ipv4;
      const ending = await within(clock, LOOK_MS, async () => flight?.run() ?? UNKNOWN);
      return ending.kind === "done" ? ending.value : UNKNOWN;
    },
    checkAll: async () => {
      const looks = await Promise.all(pools.map((pool) => checkAll(ask, pool)));
      return looks.find(({ kind }) => kind !== "passed") ?? { kind: "passed" };
    },
    reset: () => {
      for (const pool of pools) pool.reset();
    },
    close: () => {
      ipv4?.close();
      ipv6?.close();
    },
  };
}
