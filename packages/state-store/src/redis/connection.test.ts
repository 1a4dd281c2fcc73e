import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeClock } from "../testing/fake-clock.ts";
import { type Client, Connection } from "./connection.ts";
import { RedisBackend } from "./redis-backend.ts";

test("redis: closed in the middle of a probe, it connects no more", async () => {
  let clients = 0;
  let answer = (_: unknown): void => {};
  const create = (): Client => {
    clients += 1;
    return {
      connect: async () => {},
      destroy: () => {},
      sendCommand: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      on: () => {},
      isReady: true,
    };
  };
  const clock = fakeClock();
  const connect = () => new Connection("redis://127.0.0.1:1", clock, create);
  const backend = new RedisBackend("redis://127.0.0.1:1", { reads: connect(), writes: connect() });
  const probe = backend.probe();
  await clock.advance(0);
  assert.equal(clients, 1);
  await backend.close();
  answer("OK");
  await assert.rejects(probe, /the store is closed/);
  assert.equal(clients, 1);
});
