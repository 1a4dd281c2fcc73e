import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeClock, fakeClock, Random, WatchedPort } from "@postern/smtp-filter/testing";
import { serveExim } from "./serve.ts";
import { randomRequest } from "./testing/random-request.ts";
import { Peer } from "./testing/scripted-server.ts";

const REQUESTS = Number(process.env["POSTERN_SEQUENCES"] ?? 2000);
const SEED = Number(process.env["POSTERN_SEED"] ?? 20_261_124);

const ANSWERS = {
  line: /^v=1 a=(?:accept m=""|(?:reply|close) m="[45]\d\d (?:[^"\\]|\\.)*") z=1\n$/,
  spamd:
    /^SPAMD\/1\.1 0 EX_OK\r\nContent-length: \d+\r\n\r\n[01]\.0\/1\.0\r\npostern: v=1 a=(?:accept|reply) d="[^"]*" h="[A-Za-z0-9+/=]*" m="(?:[^"\\]|\\.)*" z=1\r\n$/,
  rspamd:
    /^RSPAMD\/1\.3 0 EX_OK\r\nMetric: default; (?:True|False); \d+\.\d\d \/ 6\.00 \/ 10\.00\r\nAction: (?:no action|add header|soft reject|reject)\r\n(?:X-[\x20-\x7e]*\r\n)*$/,
  none: /^$/,
} as const;

test(`${REQUESTS} generated requests on a port that does anything: one answer each, and no call it must not get`, async () => {
  for (const onFailure of ["accept", "tempfail"] as const) {
    const random = new Random(SEED + onFailure.length);
    let asked = 0;
    while (asked < REQUESTS / 2) {
      const clock = fakeClock();
      const port = new WatchedPort(random, clock, "many");
      await using server = await serveExim({
        listener: { kind: "inet", host: "127.0.0.1", port: 0 },
        open: () => port.open(),
        onFailure,
        maxSessions: random.pick([2, 10_000]),
        clock,
        onEvent: (event) =>
          assert.notEqual(event.kind, "internal-error", String("error" in event && event.error)),
      });
      for (let batch = 0; batch < 25; batch += 1) {
        const requests = Array.from({ length: 1 + random.below(4) }, () => randomRequest(random));
        asked += requests.length;
        const peers = await Promise.all(requests.map(() => Peer.open(server)));
        const written = peers.map(
          ({ socket }, i) =>
            new Promise<void>((resolve) => socket.end(requests[i]?.bytes ?? "", "latin1", resolve)),
        );
        const answers = Promise.all(peers.map(({ answer }) => answer));
        await Promise.all(written);
        await playOut(answers, clock);
        for (const [i, answer] of (await answers).entries()) {
          const request = requests[i];
          assert.ok(request);
          assert.match(answer, ANSWERS[request.expected], request.bytes.slice(0, 300));
          assert.ok(answer.length < 8192);
          peers[i]?.socket.destroy();
        }
      }
      await server.drain(0);
      assert.deepEqual(port.faults, []);
      for (const { ends, wasPrompt } of port.transactions)
        assert.ok(ends === 1 || (ends === 0 && !wasPrompt), `ended ${ends} times`);
      for (const { isClosed } of port.connections) assert.ok(isClosed);
    }
  }
});

/** Moves the clock on whenever nothing else happens. All bytes are in the kernel: no peer is slow. */
async function playOut(answers: Promise<unknown>, clock: FakeClock): Promise<void> {
  let isDone = false;
  void answers.then(() => {
    isDone = true;
  });
  while (!isDone) {
    for (let turn = 0; turn < 20 && !isDone; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    if (!isDone) clock.fireNext();
  }
}
