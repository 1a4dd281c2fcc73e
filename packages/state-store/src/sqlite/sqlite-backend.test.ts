import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStateStore } from "../open-store.ts";
import { testStore } from "../testing/store-suite.ts";
import { testClock } from "../testing/test-clock.ts";

const clock = testClock();
const folder = mkdtempSync(join(tmpdir(), "postern-state-"));
let files = 0;

testStore("sqlite", {
  openEmpty: (options) => {
    files += 1;
    const path = join(folder, `${files}.db`);
    return openStateStore(
      { kind: "sqlite", path },
      { clock, readDeadlineMs: 5_000, beginDeadlineMs: 30_000, ...options },
    );
  },
  passTime: async (seconds) => clock.passTime(seconds * 1000),
  dispose: () => rm(folder, { recursive: true }),
});
