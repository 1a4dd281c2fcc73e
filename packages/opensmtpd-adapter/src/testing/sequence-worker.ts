import { parentPort, workerData } from "node:worker_threads";
import { Player } from "./play.ts";

/** Plays `count` sequences from number `seed` on, and posts how much they did; dies of the first fault. */
const { seed, count } = workerData as { readonly seed: number; readonly count: number };
const total = { answers: 0, messages: 0, crashes: 0 };
for (let i = 0; i < count; i += 1) {
  const player = new Player(seed + i);
  try {
    const played = await player.play();
    total.answers += played.answers;
    total.messages += played.messages;
    total.crashes += played.crashes;
  } catch (error) {
    const log = player.log.map((line) => JSON.stringify(line.slice(0, 200))).slice(-150);
    const text = error instanceof Error ? error.stack : String(error);
    throw new Error(`${text?.slice(0, 3_000)}\nPOSTERN_SEED=${seed + i}\n${log.join("\n")}`);
  }
}
parentPort?.postMessage(total);
