import {
  bigProvider,
  discussionLists,
  forwarded,
  newsletters,
  ownServers,
  replayVictims,
  serviceCustomers,
  transactional,
} from "./honest.ts";
import type { Mail } from "./mail.ts";
import { seededRandom } from "./random.ts";
import type { Making } from "./send.ts";
import {
  badAuthors,
  badCustomers,
  flood,
  hijacked,
  launderers,
  ordinarySpam,
  replays,
  slowDrip,
  snowshoe,
} from "./spam.ts";

/**
 * Thirty days of mail, the same for the same seed, in order of time.
 *
 * @param size of the number of senders; 1: the full run.
 */
export function makeTraffic(seed: number, size = 1): readonly Mail[] {
  const making: Making = { random: seededRandom(seed), size };
  const victims = replayVictims(making);
  return [
    ...ownServers(making, 50, "honest, in order"),
    ...ownServers(making, 13, "honest, reverse name lost for a day"),
    ...ownServers(making, 10, "honest, careless set-up"),
    ...victims,
    ...newsletters(making),
    ...transactional(making),
    ...serviceCustomers(making),
    ...forwarded(making),
    ...discussionLists(making),
    ...bigProvider(making),
    ...badAuthors(making),
    ...badCustomers(making),
    ...snowshoe(making),
    ...hijacked(making),
    ...slowDrip(making),
    ...launderers(making),
    ...replays(making, victims),
    ...flood(making),
    ...ordinarySpam(making),
  ].toSorted((a, b) => a.atMs - b.atMs);
}
