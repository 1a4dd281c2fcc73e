import assert from "node:assert/strict";
import { test } from "node:test";
import { startDaemon } from "./daemon.ts";

const program = (source: string) => ["-e", source];

test("startDaemon: ready, lines, stop", async () => {
  const daemon = await startDaemon(
    program(`
      process.on("SIGHUP", () => console.error("hup"));
      process.on("SIGTERM", () => process.exit(3));
      setInterval(() => {}, 1000);
      console.error("starting"); console.error("ready on", process.env.PLACE);`),
    { env: { PLACE: "here" }, readyLine: /^ready/ },
  );
  assert.deepEqual(daemon.lines(), ["starting", "ready on here"]);
  assert.ok(daemon.pid > 0);
  daemon.kill("SIGHUP");
  assert.equal(await daemon.waitForLine(/^h.p$/), "hup");
  daemon.kill("SIGSTOP");
  assert.equal(await daemon.stop(), 3);
  assert.throws(() => process.kill(daemon.pid, 0), { code: "ESRCH" });
});

test("startDaemon: one that ends says why", async () => {
  await assert.rejects(
    startDaemon(program('console.error("bad config"); process.exitCode = 78;'), {
      readyLine: /up/,
    }),
    ({ cause }: Error) => /it has ended:\nbad config/.test(String(cause)),
  );
});

test("startDaemon: one that ignores SIGTERM is killed", async () => {
  await using daemon = await startDaemon(
    program('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000);'),
    { readyLine: /^up$/, timeoutMs: 400 },
  );
  await assert.rejects(daemon.waitForLine(/never/, 20), /waited 20 ms:\nup/);
  assert.equal(await daemon.stop(), "SIGKILL");
});

test("startDaemon: it dies with its starter", async () => {
  const starter = await startDaemon(
    [
      "--conditions=source",
      "--input-type=module",
      "-e",
      `import { startDaemon } from ${JSON.stringify(`${import.meta.dirname}/daemon.ts`)};
       const inner = await startDaemon(["-e", "setInterval(() => {}, 1000)"]);
       console.log("inner " + inner.pid);`,
    ],
    { readyLine: /^inner \d+$/ },
  );
  const pid = Number(starter.lines().at(-1)?.split(" ")[1]);
  process.kill(pid, 0);
  starter.kill("SIGKILL");
  assert.equal(await starter.ended, "SIGKILL");
  await assert.rejects(async () => {
    for (let tries = 0; tries < 100; tries++) {
      process.kill(pid, 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }, /ESRCH/);
});
