import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { systemClock } from "../clock.ts";
import { openStateReader } from "../open-reader.ts";
import { openStateStore } from "../open-store.ts";
import type { StoreEvent } from "../port.ts";
import { type Answer, serveFake } from "../testing/fake-resp.ts";
import { openRedis } from "./open-redis.ts";

const SECRET = "p@ss/w#rd%";
const ENCODED = encodeURIComponent(SECRET);
const CHANGE = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

/** A server that says back all it was sent, as one does whose AUTH has another name. */
const echo: Answer = (command, socket) =>
  void socket.write(
    `-ERR unknown command \`${command[0]}\`, with args beginning with: ${command.slice(1).join(" ")}\r\n`,
  );

/** Everything that is said when a store at this address is used. */
async function saidBy(url: string): Promise<string> {
  const events: StoreEvent[] = [];
  const store = await openStateStore({ kind: "redis", url }, { onEvent: (e) => events.push(e) });
  store.write([CHANGE]);
  const found = await store.read(["k"]);
  const listed = await store.list("", 10);
  const forgotten = await store.forget("k").catch((error: unknown) => error);
  await store.close();
  const reader = await openStateReader({ kind: "redis", url });
  const backend = await openRedis(url, systemClock);
  const fault = await backend.probe().catch((error: unknown) => error);
  await backend.close();
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down"],
  );
  return inspect([events, found, listed, forgotten, reader, fault], { depth: 9 });
}

test("redis: a server that says back what it was sent: the password is in nothing we say", async () => {
  for (const user of ["", "user"]) {
    await using server = await serveFake(echo);
    const said = await saidBy(server.url.replace("//", `//${user}:${ENCODED}@`));
    assert.match(said, /it answers ERR unknown command `AUTH`, with args beginning with: .*\*\*\*/);
    for (const form of [SECRET, ENCODED]) assert.ok(!said.includes(form), said);
  }
});

for (const url of [
  `redis://user:${ENCODED}@127.0.0.1:1/0`,
  `redis://user:${ENCODED}@`,
  `redis://user:${ENCODED}`,
  `redis://user:${ENCODED}%zz@127.0.0.1:1/0`,
  `redis://user:12/${ENCODED}@127.0.0.1:1/0`,
  `redis://user:12#${ENCODED}@127.0.0.1:1/0`,
  `redis://127.0.0.1:1/0?password=${ENCODED}`,
  `http://user:${ENCODED}@127.0.0.1:1/0`,
  `user:${ENCODED}@127.0.0.1`,
]) {
  test(`redis: nothing says the password of ${url.replace(ENCODED, "SECRET")}`, async () => {
    const said = await saidBy(url);
    assert.match(said, /Cannot (?:use|reach) /);
    for (const form of [SECRET, ENCODED]) assert.ok(!said.includes(form), said);
  });
}
