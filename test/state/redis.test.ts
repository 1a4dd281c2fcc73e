import { openStateStore } from "@postern/state-store";
import { testStore } from "../../packages/state-store/src/testing/store-suite.ts";
import { realMtaAvailability } from "../mta/available.ts";
import { type RedisServer, startRedis } from "./redis-server.ts";

const availability = realMtaAvailability();
const skip = availability.kind === "skip" && availability.reason;
let server: RedisServer | undefined;

async function theServer(): Promise<RedisServer> {
  if (availability.kind === "forbidden-skip") throw new Error(availability.reason);
  server ??= await startRedis();
  return server;
}

testStore(
  "redis",
  {
    openEmpty: async (options) => {
      const { url, command } = await theServer();
      await command("FLUSHALL");
      return openStateStore({ kind: "redis", url }, { readDeadlineMs: 5_000, ...options });
    },
    // The server's clock cannot be moved, so the end of each row is.
    passTime: async (seconds) => {
      const { command } = await theServer();
      await command("EVAL", SHORTEN, "0", String(seconds));
    },
    dispose: async () => server?.[Symbol.asyncDispose](),
  },
  skip,
);

const SHORTEN = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  redis.call('EXPIRE', key, redis.call('TTL', key) - ARGV[1])
end`;
