import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { loadConfig } from "../config/load.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { runPostern } from "../testing/run-postern.ts";

const DEAD = "inet:127.0.0.1:1";

async function withDaemon(run: (address: string) => Promise<void>): Promise<void> {
  const yaml =
    "listen: { milter: inet:127.0.0.1:0 }\nstate: none\ndns: { servers: ['127.0.0.1:9'], timeoutMs: 100 }\n";
  const config = await loadConfig({
    file: "-",
    stdin: Buffer.from(yaml),
    cwd: "/",
    systemFile: null,
    hostname: "mx.example.org",
  });
  const daemon = await startDaemon(config, () => {});
  try {
    await run(daemon.fronts[0]?.address ?? assert.fail());
  } finally {
    await daemon.stop();
  }
}

test("ping: a milter that answers is told on stdout", () =>
  withDaemon(async (address) => {
    const { code, stdout, stderr } = await runPostern(["ping", address]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      /^version 6, actions 0x[0-9a-f]+, protocol 0x[0-9a-f]+\nCONNECT: continue\n/,
    );
    assert.match(stdout, /\nRCPT: [^\n]+\n$/);
  }));

test("ping --json: has a stable shape", () =>
  withDaemon(async (address) => {
    const { code, stdout, stderr } = await runPostern(["ping", address, "--json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const { actions, protocol, answers, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, { isAlive: true, version: 6, error: null });
    assert.ok(actions > 0 && protocol > 0);
    assert.deepEqual(answers[0], { command: "CONNECT", answer: "continue" });
    assert.equal(answers.at(-1).command, "RCPT");
  }));

test("ping: nobody there is one line on stderr", async () => {
  const { code, stdout, stderr } = await runPostern(["ping", DEAD]);
  assert.deepEqual([code, stdout], [69, ""]);
  assert.match(stderr, /^postern: no answer from inet:127\.0\.0\.1:1: [^\n]*ECONNREFUSED[^\n]*\n$/);
});

test("ping --json: nobody there is the same shape", async () => {
  const { code, stdout, stderr } = await runPostern(["ping", DEAD, "--json"]);
  assert.deepEqual([code, stderr], [69, ""]);
  const { error, ...rest } = JSON.parse(stdout);
  assert.match(error, /ECONNREFUSED/);
  assert.deepEqual(rest, {
    isAlive: false,
    version: null,
    actions: null,
    protocol: null,
    answers: [],
  });
});

test("ping: what is no milter is told so", async () => {
  const server = createServer((socket) => socket.end("220 mail.example.com ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, stdout, stderr } = await runPostern(["ping", `inet:127.0.0.1:${port}`]);
    assert.deepEqual([code, stdout], [69, ""]);
    assert.match(stderr, /^postern: no answer from inet:127\.0\.0\.1:\d+: [^\n]+\n$/);
  } finally {
    server.close();
  }
});
