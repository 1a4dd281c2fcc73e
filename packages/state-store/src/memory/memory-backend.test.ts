import { openStateStore } from "../open-store.ts";
import { testStore } from "../testing/store-suite.ts";
import { testClock } from "../testing/test-clock.ts";

const clock = testClock();

testStore("memory", {
  openEmpty: (options) => openStateStore({ kind: "memory" }, { clock, ...options }),
  passTime: async (seconds) => clock.passTime(seconds * 1000),
  dispose: async () => {},
});
