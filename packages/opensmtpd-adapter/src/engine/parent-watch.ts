import { setInterval } from "node:timers";
import { workerData } from "node:worker_threads";

/** What the thread is given. */
export interface ParentWatchData {
  /** The shim. */
  readonly parentPid: number;
  readonly everyMs: number;
}

/*
 * A thread of the engine's process. The process learns from its channel that the shim is gone, but not while it is in
 * an endless loop, and a shim that was killed cannot end it. The thread sees that the parent process id has changed.
 */
const { parentPid, everyMs } = workerData as ParentWatchData;
setInterval(() => {
  if (process.ppid !== parentPid) process.kill(process.pid, "SIGKILL");
}, everyMs);
