import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { connectMta, parseListenAddress } from "@postern/milter-adapter";
import { openStateStore } from "@postern/state-store";
import { NoStoreError } from "../commands/command-store.ts";
import { learn } from "../commands/learn.ts";
import { reputation } from "../commands/reputation.ts";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { type Daemon, startDaemon } from "../daemon/daemon.ts";
import { deliver, HONEST_KEYS } from "../testing/deliver.ts";
import type { Lesson } from "./learn-header.ts";
import type { Mark } from "./mark-memory.ts";
import { serveLearn } from "./serve-learn.ts";
import { tellDaemon } from "./tell-daemon.ts";
import type { MarkRequest } from "./wire.ts";

const MARK = new URL("../../../../examples/learn/postern-mark", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "postern-learn-"));
after(() => rmSync(folder, { recursive: true }));

const plain = await loadConfig({ cwd: folder, systemFile: null, hostname: "mx.example.org" });
let made = 0;
const configOf = (): Config => {
  made += 1;
  const path = join(folder, `${made}.sock`);
  return {
    ...plain,
    listen: { milter: [], exim: [], learn: [{ kind: "unix", path, mode: 0o660, group: null }] },
    state: { kind: "sqlite", path: join(folder, `${made}.db`) },
  };
};

const pathOf = ({ listen }: Config): string => listen.learn[0]?.path ?? "";
const input = (header: string): Readable => Readable.from([Buffer.from(`${header}\n\nbody`)]);
const markOf = (mark: Mark, user: string | null = null) => ({ mark, user });
const LEARNED_FOR = `for ${HONEST_KEYS.join(" ")}`;

/** The header of a message that a daemon with this store delivered. */
async function mail({ state }: Config): Promise<string> {
  if (state.kind !== "sqlite") throw new Error("no file");
  await using store = await openStateStore(state, {
    readDeadlineMs: 5_000,
    beginDeadlineMs: 30_000,
  });
  return await deliver(configOf(), store);
}

/** The same by a daemon that runs, and no DNS answers. */
async function mailOf({ fronts }: Daemon): Promise<string> {
  const front = fronts.find(({ protocol }) => protocol === "milter");
  const address = parseListenAddress(front?.address ?? "") ?? assert.fail();
  await using mta = await connectMta(address);
  const { client } = mta;
  await client.connect("[192.0.2.1]", { family: "inet", port: 41_000, address: "192.0.2.1" });
  await client.helo("mail.example.com");
  await client.mail("<a@example.com>");
  await client.rcpt("<b@example.org>");
  await client.data();
  await client.header("From", " a@example.com");
  await client.endOfHeaders();
  const { modifications } = await client.endOfMessage();
  const added = modifications.flatMap((one) =>
    one.kind === "insert-header" ? [`${one.name}:${one.value}`] : [],
  );
  return added.reverse().join("\n");
}

/** A busy daemon says "later", and learns the mark at last: to say it again changes nothing. */
async function untilHeard(path: string, request: MarkRequest): Promise<Lesson> {
  for (;;) {
    const lesson = await tellDaemon(path, request);
    assert.ok(lesson);
    if (lesson.outcome !== "later") return lesson;
  }
}

async function say(path: string, request: string | Buffer): Promise<string> {
  const socket = connect({ path });
  socket.write(request);
  return await text(socket);
}

test("learn: a running daemon is handed the header, also where the state is its own memory", async () => {
  const plain = configOf();
  const config: Config = {
    ...plain,
    state: { kind: "memory" },
    listen: {
      ...plain.listen,
      milter: [{ kind: "inet", host: "127.0.0.1", port: 0, allowRemote: [] }],
    },
    dns: { ...plain.dns, servers: ["127.0.0.1:1"] },
    policy: { ...plain.policy, mode: "observe" },
  };
  const [id, proof] = ["0".repeat(16), "0".repeat(32)];
  const invented = `X-Postern: id=${id} day=2026-11-24 key=01234567 proof=${proof}`;
  await assert.rejects(learn(markOf("spam"), config, input(invented)), NoStoreError);
  const daemon = await startDaemon(config, () => {});
  try {
    const header = await mailOf(daemon);
    const words: string[] = [];
    for (const mark of ["spam", "spam", "ham"] as const)
      words.push((await learn(markOf(mark), config, input(header))).text.replace(/^\w+ /, ""));
    assert.deepEqual(words, [
      "spam for address:192.0.2.1 network:192.0.2.0/24\n",
      "was already learned as spam\n",
      "ham for address:192.0.2.1 network:192.0.2.0/24, the opposite mark is reverted\n",
    ]);
    const foreign = await learn(markOf("spam"), config, input("A: b"));
    assert.equal(foreign.outcome, "refused");
    assert.match(foreign.text, /^Cannot learn from this message: it has no X-Postern/);
  } finally {
    await daemon.stop();
  }
});

test("learn: without a daemon the store is written, and the socket's name may be stale", async () => {
  const config = configOf();
  const header = await mail(config);
  assert.equal((await learn(markOf("spam"), config, input(header))).outcome, "learned");
  const { text } = await reputation("show", ["domain:example.com"], config);
  assert.match(text, /markedSpam: 1\.0/);
});

test("serveLearn: 1,000 users at once are all heard, each answered once", async (t) => {
  const plain = configOf();
  const learns = plain.policy.reputation ?? assert.fail();
  const dailyCaps = { ...learns.dailyCaps, markedSpam: 1_000 };
  const config: Config = {
    ...plain,
    policy: { ...plain.policy, reputation: { ...learns, dailyCaps } },
  };
  const header = await mail(config);
  const daemon = await startDaemon(config, () => {});
  const start = performance.now();
  try {
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, at) =>
        untilHeard(pathOf(config), { ...markOf("spam", `user ${at}`), header }),
      ),
    );
    for (const { outcome } of answers) assert.equal(outcome, "learned");
    t.diagnostic(`1,000 marks took ${Math.round(performance.now() - start)} ms`);
    const { text } = await reputation("show", ["domain:example.com"], config);
    assert.match(text, /markedSpam: 1000\.0/);
  } finally {
    await daemon.stop();
  }
});

test("postern-mark: the same without node, and exit codes for scripts", async () => {
  const config = configOf();
  const header = await mail(config);
  const run = async (words: readonly string[], message: string) => {
    const child = spawn(MARK, words, { env: { POSTERN_LEARN_SOCKET: pathOf(config) } });
    child.stdin.on("error", () => {});
    child.stdin.end(message);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return [await ended, out.replace(/ \w+/, ""), err] as const;
  };
  assert.equal((await run(["spam"], header))[0], 75);
  assert.equal((await run(["maybe"], header))[0], 64);
  assert.equal((await run(["spam", "ann", "bob"], header))[0], 64);
  assert.equal((await run(["spam", "ann\nham"], header))[0], 64);
  const daemon = await startDaemon(config, () => {});
  try {
    const spam = `learned spam ${LEARNED_FOR}\n`;
    const long = `${header}\n\n${"body\n".repeat(100_000)}`;
    assert.deepEqual(await run(["spam"], long), [0, spam, ""]);
    assert.deepEqual(await run(["spam"], long), [0, "learned was already learned as spam\n", ""]);
    assert.deepEqual(await run(["spam", "ann@example.org"], long), [0, spam, ""]);
    const again = await run(["spam", "ann@example.org"], long);
    assert.deepEqual(again, [0, "learned was already learned as spam\n", ""]);
    assert.deepEqual(await run(["spam", ""], long), [
      0,
      "learned was already learned as spam\n",
      "",
    ]);
    assert.equal((await run(["ham"], "A: b\n\n"))[0], 65);
    assert.equal((await run(["ham"], `A: ${"x".repeat(300_000)}\n\n`))[0], 65);
  } finally {
    await daemon.stop();
  }
});

const LEARNED: Lesson = { outcome: "learned", text: "yes" };
for (const [name, limits, request, answer] of [
  ["no request in time", { deadlineMs: 20 }, "postern-learn 1 spam\nA: b\n", /^later no whole req/],
  [
    "an answer that does not come",
    { deadlineMs: 20 },
    "postern-learn 1 spam\n\n",
    /^later it takes/,
  ],
  ["no request of ours", {}, "GET / HTTP/1.1\r\n\r\n", /^refused the first line is neither/],
] as const)
  test(`serveLearn: ${name}`, async () => {
    const path = pathOf(configOf());
    const server = await serveLearn({
      listener: { kind: "unix", path, mode: 0o600, group: null },
      learn: () => new Promise<Lesson>(() => {}),
      announce: () => {},
      ...limits,
    });
    assert.match(await say(path, request), answer);
    await server.drain(0);
  });

test("serveLearn: clients that say nothing take nobody's place", async () => {
  const path = pathOf(configOf());
  const server = await serveLearn({
    listener: { kind: "unix", path, mode: 0o600, group: null },
    learn: async () => LEARNED,
    announce: () => {},
    maxConnections: 3,
  });
  const silent: Socket[] = [];
  for (let at = 0; at < 5; at += 1) {
    const socket = connect({ path });
    socket.on("error", () => {});
    silent.push(socket);
    await new Promise((resolve) => socket.once("connect", resolve));
  }
  assert.equal(await say(path, "postern-learn 1 spam\n\n"), "learned yes\n");
  assert.equal(await text(silent[0] as Socket), "later too many marks at once, try again\n");
  for (const socket of silent) socket.destroy();
  await server.drain(0);
});

test("serveLearn: one that fails is answered, and told to the log", async () => {
  const path = pathOf(configOf());
  const told: string[] = [];
  const server = await serveLearn({
    listener: { kind: "unix", path, mode: 0o600, group: null },
    learn: () => Promise.reject(new Error("no")),
    announce: (words) => told.push(words),
  });
  assert.match(await say(path, "postern-learn 1 spam\n\n"), /^later an internal error/);
  assert.deepEqual(told, ["a mark could not be learned: no"]);
  await server.drain(0);
});

test("serveLearn: whole requests that wait for their turn count against the memory, until their wait ends", async () => {
  const path = pathOf(configOf());
  const server = await serveLearn({
    listener: { kind: "unix", path, mode: 0o600, group: null },
    learn: () => new Promise<Lesson>(() => {}),
    announce: () => {},
    deadlineMs: 5_000,
  });
  const long = `postern-learn 1 spam\nA: ${"x".repeat(250_000)}\n\n`;
  const sockets = Array.from({ length: 100 }, () => connect({ path }));
  const answers = sockets.map((socket) => {
    socket.on("error", () => {});
    socket.write(long);
    return new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  });
  assert.match(await Promise.race(answers), /^later too many marks at once/);
  for (const socket of sockets) socket.destroy();
  await server.drain(0);
});
