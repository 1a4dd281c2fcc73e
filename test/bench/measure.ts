import { setTimeout as sleep } from "node:timers/promises";
import { cpuTimeMs } from "./cpu-time.ts";
import type { Filter } from "./filters.ts";
import { type BenchMessage, tellMessage } from "./tell-message.ts";

/** One run of a filter. */
export interface Run {
  readonly messages: number;
  readonly cpuMicrosPerMessage: number;
  readonly messagesPerSecond: number;
  /** How often each Authentication-Results came, digits of b= and the like left out. */
  readonly results: ReadonlyMap<string, number>;
}

export interface Load {
  /** The nth message of this run, from 0. */
  readonly message: (index: number) => BenchMessage;
  /** Conversations at a time. */
  readonly concurrency: number;
  /** The run ends when the filter has used so much, or with the last message. */
  readonly cpuMs: number;
  readonly maxMessages: number;
}

/** Puts a filter under load until it has used enough CPU time to be counted in ticks of 10 ms. */
export async function measure(filter: Filter, load: Load): Promise<Run> {
  const { message, concurrency, cpuMs, maxMessages } = load;
  const results = new Map<string, number>();
  const cpuBefore = await cpuTimeMs(filter.pid);
  const begun = performance.now();
  let index = 0;
  let isEnough = false;
  const talk = async (): Promise<void> => {
    while (!isEnough && index < maxMessages) {
      const result = await tellMessage(filter.address, message(index++));
      results.set(result, (results.get(result) ?? 0) + 1);
      isEnough = (await cpuTimeMs(filter.pid)) - cpuBefore >= cpuMs;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, talk));
  const seconds = (performance.now() - begun) / 1_000;
  await sleep(50); // what it does after its answer counts too
  const cpu = (await cpuTimeMs(filter.pid)) - cpuBefore;
  return {
    messages: index,
    cpuMicrosPerMessage: (cpu * 1_000) / index,
    messagesPerSecond: index / seconds,
    results,
  };
}
