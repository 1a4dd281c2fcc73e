import type { Resolver } from "../dns/resolver.ts";
import type { Sources } from "../settings.ts";
import { lookUpHeloAddress } from "./helo-address.ts";
import { lookUpReverseName } from "./reverse-name.ts";
import type { ScoreSource } from "./scores.ts";

/**
 * Everything a conversation looks up, from one resolver.
 *
 * @param state whether the resolver answers at all; a scripted one always does.
 */
export function openSources(
  resolver: Resolver,
  scores: ScoreSource,
  state: Sources["resolver"],
): Sources {
  return {
    reverseName: (address) => lookUpReverseName(resolver, address),
    heloAddress: (name) => lookUpHeloAddress(resolver, name),
    scores: (address) => scores.lookUp(resolver, address),
    resolver: state,
  };
}
