import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Dialogue } from "./testing/dialogue.ts";
import { SpawnedFilter } from "./testing/spawned-filter.ts";

for (const wish of ["spin", "never"] as const) {
  test(`an engine told to ${wish} is gone soon after a shim that was killed`, async () => {
    await using filter = new SpawnedFilter({});
    const pid = await filter.enginePid();
    const d = new Dialogue();
    await filter.converse(d.greeted(), d.mail());
    filter.say(d.request("rcpt-to", `${wish}@example.org`));
    await filter.until(() => filter.log.includes(`wish ${wish}`));
    process.kill(filter.child.pid ?? 0, "SIGKILL");
    await filter.until(() => !isAlive(pid));
  });
}

/** A process that nobody has waited for yet is no longer alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
