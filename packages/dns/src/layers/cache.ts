import type { Clock } from "@postern/smtp-filter";
import { LRUCache } from "lru-cache";
import type { DnsAnswer } from "../answer/answer.ts";
import { type Ask, keyOf } from "../answer/question.ts";
import { recordSize } from "../answer/record.ts";

export interface CacheLimits {
  readonly maxEntries: number;
  /** An estimate of the memory, keys and upkeep included. */
  readonly maxBytes: number;
  readonly foundMs: number;
  readonly noneMs: number;
}

export interface Cache {
  readonly ask: Ask;
  counters(): CacheCounters;
}

export interface CacheCounters {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  readonly bytes: number;
}

/** One fixed time, whatever TTL a stranger wrote. */
export const CACHE_LIMITS: CacheLimits = {
  maxEntries: 20_000,
  maxBytes: 16 * 1024 * 1024,
  foundMs: 300_000,
  noneMs: 60_000,
};

const ENTRY_BYTES = 200;
const RECORD_BYTES = 40;

/** Remembers what was found and what is not there. A temperror is never kept: the next one asks again. */
export function cache(ask: Ask, clock: Clock, limits: CacheLimits): Cache {
  const answers = new LRUCache<string, DnsAnswer>({
    max: limits.maxEntries,
    maxSize: limits.maxBytes,
    sizeCalculation: bytesOf,
    ttl: limits.foundMs,
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
  let hits = 0;
  let misses = 0;
  return {
    ask: async (question) => {
      const key = keyOf(question);
      const kept = answers.get(key);
      if (kept !== undefined) {
        hits += 1;
        return kept;
      }
      misses += 1;
      const answer = await ask(question);
      if (answer.status === "found") answers.set(key, answer, { ttl: limits.foundMs });
      if (answer.status === "none") answers.set(key, answer, { ttl: limits.noneMs });
      return answer;
    },
    counters: () => ({ hits, misses, entries: answers.size, bytes: answers.calculatedSize }),
  };
}

function bytesOf(answer: DnsAnswer, key: string): number {
  const records = answer.status === "found" ? answer.value : [];
  return records.reduce(
    (bytes, record) => bytes + RECORD_BYTES + recordSize(record),
    ENTRY_BYTES + key.length,
  );
}
