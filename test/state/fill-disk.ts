import { rmSync, writeFileSync } from "node:fs";
import { openStateStore } from "@postern/state-store";

/*
 * `fill-disk.ts FOLDER`, where FOLDER is a small file system of its own: writes until it is full, makes room, and says
 * each event, then how many changes were written and how many lost.
 */

const [folder = ""] = process.argv.slice(2);
const ballast = `${folder}/ballast`;
writeFileSync(ballast, Buffer.alloc(300_000));
let isUp = true;
const store = await openStateStore(
  { kind: "sqlite", path: `${folder}/state.db` },
  {
    readDeadlineMs: 30_000,
    onEvent: (event) => {
      isUp = event.kind === "up";
      process.stdout.write(`${event.kind} ${event.kind === "down" ? event.reason : ""}\n`);
    },
  },
);
let sent = 0;
while (isUp) {
  const changes = Array.from({ length: 100 }, (_, index) => ({
    key: `${"x".repeat(200)}-${sent + index}`,
    add: { n: 1 },
    day: 20_781,
    ttlSeconds: 86_400,
  }));
  store.write(changes);
  sent += changes.length;
  await store.flush();
}
process.stdout.write(`${(await store.read(["k"])).kind}\n`);
rmSync(ballast);
while (!isUp) await new Promise((resolve) => setTimeout(resolve, 100));
await store.flush();
const { written, queued, dropped, unconfirmed } = store.counters();
process.stdout.write(`written ${sent - written} short, ${queued + dropped + unconfirmed} lost\n`);
await store.close();
