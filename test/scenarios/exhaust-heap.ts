import { isMainThread } from "node:worker_threads";

/*
 * Comes into the filter of a test by NODE_OPTIONS, and is no part of the product: SIGUSR2 fills the engine's heap up to
 * the limit that it was started with, until V8 ends the process. In the shim it does nothing.
 */
if (isMainThread && process.argv[1]?.endsWith("/opensmtpd/engine.ts") === true)
  process.on("SIGUSR2", () => {
    const eaten: number[][] = [];
    for (;;) eaten.push(new Array<number>(1_000_000).fill(eaten.length));
  });
