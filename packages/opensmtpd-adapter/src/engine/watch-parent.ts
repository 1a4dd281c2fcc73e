import { Worker } from "node:worker_threads";
import type { ParentWatchData } from "./parent-watch.ts";

/** Longer than the second that an engine has to end by itself when the shim is gone. */
const EVERY_MS = 2_000;

const file = import.meta.url.endsWith(".ts") ? "./parent-watch.ts" : "./parent-watch.js";

/** Ends this process some seconds after its parent has ended, whatever its main thread is doing then. */
export function watchParent(onError: (error: unknown) => void): void {
  const workerData: ParentWatchData = { parentPid: process.ppid, everyMs: EVERY_MS };
  const thread = new Worker(new URL(file, import.meta.url), {
    workerData,
    execArgv: [],
  });
  // Without it mail is judged all the same.
  thread.on("error", onError);
  thread.unref();
}
