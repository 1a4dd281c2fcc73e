import assert from "node:assert/strict";
import { test } from "node:test";
import { openStateStore } from "../open-store.ts";
import type { StoreEvent } from "../port.ts";
import { type Answer, serveFake } from "../testing/fake-resp.ts";
import { quickProbes, testClock } from "../testing/test-clock.ts";

const CHANGE = { key: "k", add: { n: 1 }, day: 20_781, ttlSeconds: 86_400 };

/** Lets a probe and a write through, and finds one row. */
const good: Answer = ([name], socket) =>
  void socket.write(name === "GETRANGE" ? bulk("n=1") : "+OK\r\n");

const whole = (text: string): Answer => {
  return (_, socket) => void socket.write(text);
};

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** Answers that say something about the server, so that the store is down. */
const downs: readonly {
  readonly name: string;
  readonly answer: Answer;
  readonly reason: RegExp;
}[] = [
  ...[
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "NOAUTH Authentication required.",
    "NOPERM User default has no permissions to run the 'getrange' command",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MISCONF Redis is configured to save RDB snapshots",
    "MOVED 3999 127.0.0.1:6381",
    "MASTERDOWN Link with MASTER is down",
  ].map((text) => ({
    name: text.split(" ")[0] ?? "",
    answer: whole(`-${text}\r\n`),
    reason: new RegExp(`it answers ${text.split(" ")[0]}`),
  })),
  { name: "silence", answer: () => {}, reason: /no answer in time/ },
  {
    name: "a reply that drips",
    answer: (_, socket) => {
      const timer = setInterval(() => socket.write("$"), 20);
      socket.once("close", () => clearInterval(timer));
    },
    reason: /no answer in time|Cannot reach/,
  },
  { name: "no RESP", answer: whole("220 mail.example.com ESMTP\r\n"), reason: /./ },
  {
    name: "an end of the connection",
    answer: (_, socket) => void socket.destroy(),
    reason: /Cannot reach/,
  },
];

for (const { name, answer, reason } of downs) {
  test(`redis, ${name}: unavailable, told once, and up again later`, {
    timeout: 60_000,
  }, async () => {
    await using server = await serveFake(good);
    const { store, events, next } = await opened(server.url, 300);
    await using _ = store;
    assert.equal((await store.read(["k"])).kind, "found");
    server.answerWith(answer);
    let last = await store.read(["k"]);
    for (let tries = 0; tries < 5; tries += 1) last = await store.read(["k"]);
    assert.ok(last.kind === "unavailable");
    assert.match(last.reason, reason);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["down"],
    );
    const asked = server.commands.filter((command) => command === "GETRANGE").length;
    await store.read(["k"]);
    assert.equal(server.commands.filter((command) => command === "GETRANGE").length, asked);
    const up = next();
    server.answerWith(good);
    assert.equal((await up).kind, "up");
    assert.equal((await store.read(["k"])).kind, "found");
  });
}

/** Values that are no row of ours: the row is absent, and the store stays up. */
const badRows: readonly { readonly name: string; readonly reply: string }[] = [
  {
    name: "WRONGTYPE",
    reply: "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
  },
  { name: "infinite", reply: bulk("n=inf") },
  { name: "not a number", reply: bulk("n=nan") },
  { name: "hexadecimal", reply: bulk("n=0x10") },
  { name: "too large a number", reply: bulk("n=1e999") },
  { name: "twice the same field", reply: bulk("n=1;n=2") },
  { name: "__proto__", reply: bulk("__proto__=1") },
  { name: "65 fields", reply: bulk(Array.from({ length: 65 }, (_, at) => `f${at}=1`).join(";")) },
  { name: "not ASCII", reply: bulk("\xff\xfe\x00") },
  { name: "longer than a row", reply: bulk("x".repeat(8_193)) },
  { name: "a number instead of text", reply: ":1\r\n" },
  { name: "a list instead of text", reply: "*1\r\n$3\r\nn=1\r\n" },
  { name: "null", reply: "$-1\r\n" },
];

for (const { name, reply } of badRows) {
  test(`redis, a value that is ${name}: the row is absent`, { timeout: 60_000 }, async () => {
    await using server = await serveFake(([command], socket) => {
      socket.write(command === "GETRANGE" ? reply : "+OK\r\n");
    });
    const { store, events } = await opened(server.url, 5_900);
    await using _ = store;
    const found = await store.read(["k"]);
    assert.ok(found.kind === "found");
    assert.equal(found.rows.size, 0);
    assert.equal(store.counters().unreadable, 1);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["bad-row"],
    );
    assert.doesNotMatch(JSON.stringify(events), /[^\x20-\x7e]/);
  });
}

test("redis, 64 MB though 8 kB were asked for: no row, and the process lives", {
  timeout: 60_000,
}, async () => {
  const megabyte = Buffer.alloc(1_048_576, "x");
  await using server = await serveFake(([command], socket) => {
    if (command !== "GETRANGE") return void socket.write("+OK\r\n");
    socket.write(`$${64 * megabyte.length}\r\n`);
    for (let count = 0; count < 64; count += 1) socket.write(megabyte);
    socket.write("\r\n");
  });
  const { store } = await opened(server.url, 50);
  await using _ = store;
  const found = await store.read(["k"]);
  assert.equal(found.kind === "found" ? found.rows.size : 0, 0);
});

test("redis, a batch that was not answered is not sent again", { timeout: 60_000 }, async () => {
  await using server = await serveFake(good);
  const { store } = await opened(server.url, 300);
  await using _ = store;
  await store.read(["k"]);
  server.answerWith(([command], socket) => {
    if (command === "EVALSHA") socket.destroy();
    else socket.write("+OK\r\n");
  });
  store.write([CHANGE]);
  await store.flush();
  server.answerWith(good);
  await store.flush();
  assert.equal(server.commands.filter((command) => command === "EVALSHA").length, 1);
  const { unconfirmed, written, queued } = store.counters();
  assert.deepEqual({ unconfirmed, written, queued }, { unconfirmed: 1, written: 0, queued: 0 });
});

test("redis, a batch that was refused is sent again when the server takes it", {
  timeout: 60_000,
}, async () => {
  await using server = await serveFake(good);
  const { store, next } = await opened(server.url, 300);
  await using _ = store;
  await store.read(["k"]);
  server.answerWith(whole("-READONLY You can't write against a read only replica.\r\n"));
  store.write([CHANGE]);
  await store.flush();
  assert.equal(store.counters().queued, 1);
  const up = next();
  server.answerWith(good);
  await up;
  await store.flush();
  assert.deepEqual([store.counters().written, store.counters().queued], [1, 0]);
});

test("redis, a port where nobody listens: down at once, writes wait", {
  timeout: 60_000,
}, async () => {
  const server = await serveFake(good);
  await server[Symbol.asyncDispose]();
  const { store, events } = await opened(server.url, 300);
  await using _ = store;
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down"],
  );
  const found = await store.read(["k"]);
  assert.ok(found.kind === "unavailable");
  assert.match(found.reason, /^Cannot reach redis:\/\/127\.0\.0\.1:\d+\/0: .*ECONNREFUSED/);
  store.write([CHANGE]);
  await store.flush();
  assert.equal(store.counters().queued, 1);
  await assert.rejects(store.forget("k"), /^Error: Cannot forget a row of redis:/);
  assert.equal((await store.list("", 10)).kind, "unavailable");
});

test("redis, a password is never shown", { timeout: 60_000 }, async () => {
  await using server = await serveFake(whole("-WRONGPASS invalid username-password pair\r\n"));
  const url = server.url.replace("redis://", "redis://postern:s3cret@");
  const { store, events } = await opened(url, 300);
  await using _ = store;
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["down"],
  );
  assert.doesNotMatch(JSON.stringify([events, await store.read(["k"])]), /s3cret/);
});

async function opened(url: string, readDeadlineMs: number) {
  const events: StoreEvent[] = [];
  const waiting: ((event: StoreEvent) => void)[] = [];
  const onEvent = (event: StoreEvent) => {
    events.push(event);
    waiting.shift()?.(event);
  };
  const clock = testClock(quickProbes);
  const store = await openStateStore({ kind: "redis", url }, { clock, onEvent, readDeadlineMs });
  const next = () => new Promise<StoreEvent>((resolve) => void waiting.push(resolve));
  return { store, events, next };
}
