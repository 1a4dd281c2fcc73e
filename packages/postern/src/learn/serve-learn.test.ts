import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { NoStoreError } from "../commands/command-store.ts";
import { learn } from "../commands/learn.ts";
import { reputation } from "../commands/reputation.ts";
import type { Config } from "../config/config-types.ts";
import { loadConfig } from "../config/load.ts";
import { startDaemon } from "../daemon/daemon.ts";
import type { Lesson } from "./learn-header.ts";
import { serveLearn } from "./serve-learn.ts";
import { tellDaemon } from "./tell-daemon.ts";

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

const mail = (id: number): string =>
  [
    "Authentication-Results: mx.example.org;",
    "\tdkim=pass header.d=example.com header.s=s",
    `X-Postern: id=${id.toString(16).padStart(16, "0")} action=accept debt=0 credit=0 rules=-`,
    "Subject: x",
  ].join("\n");

const pathOf = ({ listen }: Config): string => listen.learn[0]?.path ?? "";
const input = (id: number): Readable => Readable.from([Buffer.from(`${mail(id)}\n\nbody`)]);

async function say(path: string, request: string | Buffer): Promise<string> {
  const socket = connect({ path });
  socket.write(request);
  return await text(socket);
}

test("learn: a running daemon is handed the header, also where the state is its own memory", async () => {
  const config: Config = { ...configOf(), state: { kind: "memory" } };
  await assert.rejects(learn("spam", config, input(1)), NoStoreError);
  const daemon = await startDaemon(config, () => {});
  try {
    const words: string[] = [];
    for (const mark of ["spam", "spam", "ham"] as const)
      words.push((await learn(mark, config, input(1))).text);
    assert.deepEqual(words, [
      "0000000000000001 spam for dkim:example.com\n",
      "0000000000000001 was already learned as spam\n",
      "0000000000000001 ham for dkim:example.com, the opposite mark is reverted\n",
    ]);
    const foreign = await learn("spam", config, Readable.from([Buffer.from("A: b\n\n")]));
    assert.equal(foreign.outcome, "foreign");
    assert.match(foreign.text, /^Cannot learn from this message: it has no X-Postern/);
  } finally {
    await daemon.stop();
  }
});

test("learn: without a daemon the store is written, and the socket's name may be stale", async () => {
  const config = configOf();
  assert.equal((await learn("spam", config, input(1))).outcome, "learned");
  const { text } = await reputation("show", ["dkim:example.com"], config);
  assert.match(text, /markedSpam/);
});

test("serveLearn: 1,000 marks at once are all learned, each answered once", async (t) => {
  const config = configOf();
  const daemon = await startDaemon(config, () => {});
  const start = performance.now();
  try {
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, at) => tellDaemon(pathOf(config), "spam", mail(at))),
    );
    for (const [at, answer] of answers.entries())
      assert.deepEqual(answer, {
        outcome: "learned",
        text: `${at.toString(16).padStart(16, "0")} spam for dkim:example.com`,
      });
    t.diagnostic(`1,000 marks took ${Math.round(performance.now() - start)} ms`);
  } finally {
    await daemon.stop();
  }
});

test("postern-mark: the same without node, and exit codes for scripts", async () => {
  const config = configOf();
  const run = async (mark: string, message: string, path = pathOf(config)) => {
    const child = spawn(MARK, [mark], { env: { POSTERN_LEARN_SOCKET: path } });
    child.stdin.end(message);
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return [await ended, out, err] as const;
  };
  assert.equal((await run("spam", mail(1)))[0], 75);
  assert.equal((await run("maybe", mail(1)))[0], 64);
  const daemon = await startDaemon(config, () => {});
  try {
    const spam = "learned 0000000000000001 spam for dkim:example.com\n";
    assert.deepEqual(await run("spam", `${mail(1)}\n\n${"body\n".repeat(100_000)}`), [0, spam, ""]);
    assert.equal((await run("ham", "A: b\n\n"))[0], 65);
    assert.equal((await run("ham", `A: ${"x".repeat(300_000)}\n\n`))[0], 65);
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
