import { serveFilter } from "@postern/opensmtpd-adapter/shim";

/*
 * `postern opensmtpd`, the process that smtpd starts. Nothing here or in what it imports is imported from outside of
 * node: smtpd lets nobody in before it has registered, and what cannot be loaded here would end the mail server.
 */

/** What the engine's heap may take, so that it ends before the machine's memory does, where no flag says another limit. */
const ENGINE_HEAP_MB = 1_024;
const isHeapChosen = process.env["NODE_OPTIONS"]?.includes("--max-old-space-size") ?? false;

// For `pidof postern`: the main thread of node has a name of its own.
process.title = "postern";

const engine = import.meta.url.endsWith(".ts") ? "./engine.ts" : "./engine.js";

serveFilter({
  engine: {
    modulePath: new URL(engine, import.meta.url),
    arguments: process.argv.slice(2),
    execArguments: [
      // On the command line it would win over NODE_OPTIONS.
      ...(isHeapChosen ? [] : [`--max-old-space-size=${ENGINE_HEAP_MB}`]),
      ...process.execArgv,
    ],
  },
});
