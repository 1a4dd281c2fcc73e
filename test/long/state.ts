import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStateStore, type StoreSpec } from "@postern/state-store";
import { flood } from "../../packages/state-store/src/testing/flood.ts";

/** Floods each store that is bounded by us with keys that are never seen again. Says who is left of 10,000 good ones. */
export async function floodStores(say: (line: string) => void): Promise<"good" | "bad"> {
  const floodKeys = Number(process.env["POSTERN_FLOOD"] ?? 10_000_000);
  const folder = await mkdtemp(join(tmpdir(), "postern-flood-"));
  try {
    const path = join(folder, "state.db");
    const memory = await floodOne({ kind: "memory" }, floodKeys, 1_000_000, say);
    const sqlite = await floodOne({ kind: "sqlite", path }, floodKeys * 0.03, 100_000, say);
    return memory === "good" ? sqlite : "bad";
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function floodOne(
  spec: StoreSpec,
  floodKeys: number,
  maxKeys: number,
  say: (line: string) => void,
): Promise<"good" | "bad"> {
  await using store = await openStateStore(spec, { maxKeys, readDeadlineMs: 60_000 });
  const { survivors, goodKeys, seconds } = await flood(store, { goodKeys: 10_000, floodKeys });
  const megabytes = Math.round(process.memoryUsage.rss() / 1_048_576);
  const bound = `bound ${maxKeys}, ${floodKeys} new keys in ${seconds.toFixed(0)} s`;
  say(`state ${spec.kind}: ${survivors} of ${goodKeys} survive, ${bound}, RSS ${megabytes} MiB`);
  return survivors >= goodKeys * 0.99 ? "good" : "bad";
}
