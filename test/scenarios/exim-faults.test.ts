import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { message, session } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { withPostern } from "./exim-rig.ts";
import { accept, drip, openSidecar, type Reaction, type Sidecar, say } from "./exim-sidecar.ts";
import { until } from "./until.ts";

const PORTS = { accept: 2830, defer: 2831 } as const;
const FAILS = ["accept", "defer"] as const;

const silent: Reaction = () => {};
const garbage: Reaction = (socket) =>
  socket.end(
    "\0%s%n\x24{run{/bin/touch /run/exim4/owned}}\r\n\xff\xfev=1 \0 a=accept z=1\n".repeat(20),
    "latin1",
  );

/** What can become of a daemon, as EXIM.md section 4 has it. */
const troubles: Readonly<Record<string, Reaction>> = {
  "resets the connection": (socket) => socket.resetAndDestroy(),
  "closes at once": (socket) => socket.end(),
  "answers after 20 s": silent,
  "drips a byte at a time": drip,
  "says garbage": garbage,
  "says an answer that is cut": say("v=1 a=accept"),
  "says an answer that is cut in its sentence": say('v=1 a=reply m="550 5.7.1 z=1'),
  "says an action that nobody knows": say('v=1 a=explode m="550 5.7.1 no" z=1'),
  "says another version": say('v=2 a=reply m="550 5.7.1 no" z=1'),
  "refuses with a code that refuses nothing": say('v=1 a=reply m="250 2.0.0 fine" z=1'),
};

const define = (): void => {
  let folder: string;
  let sink: Sink;
  let sidecar: Sidecar;
  const exims = new Map<(typeof FAILS)[number], Exim>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "postern-exim-"));
    await chmod(folder, 0o755);
    sink = await openSink();
    sidecar = await openSidecar();
    for (const FAIL of FAILS) {
      const macros = {
        ...{ FAIL, SOCKET: `inet:127.0.0.1:${sidecar.port}` },
        ...{ TIMEOUT: "2s", DATA_TIMEOUT: "2s" },
      };
      const instance = { instanceDir: join(folder, FAIL), port: PORTS[FAIL] };
      exims.set(
        FAIL,
        await startExim(await withPostern({ ...instance, sinkPort: sink.port, macros })),
      );
    }
  });
  after(async () => {
    for (const exim of exims.values()) await exim.stop();
    await sidecar.close();
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Mail through an Exim whose daemon is in trouble: it comes unchanged, or the client is asked to come back. */
  const play = async (fail: (typeof FAILS)[number], deferredAt: string): Promise<void> => {
    const exim = exims.get(fail);
    assert.ok(exim);
    const already = sink.messages.length;
    const seen = exim.log().length;
    const from = { host: "127.0.0.1", port: PORTS[fail], localAddress: "192.0.2.1" };
    const transcript = await converse({ ...from, steps: session() });
    const said = formatTranscript(transcript);
    await until(() =>
      exim
        .log()
        .slice(seen)
        .some((line) => line.includes("postern: no usable answer at ")),
    );
    const lines = exim.log().slice(seen).join("\n");
    assert.doesNotMatch(lines, /panic|failed to expand/i);
    assert.equal(existsSync(join(exim.runDirectory, "exim4/owned")), false);
    if (fail === "accept") {
      assert.equal(replyTo(transcript, "(message")?.code, 250, said);
      const [delivered] = (await sink.waitFor(already + 1)).slice(already);
      assert.ok(delivered?.bytes.subarray(-message.length).equals(message), lines);
      assert.doesNotMatch(delivered?.bytes.toString("latin1") ?? "", /owned|X-ACL-Warn/);
    } else {
      const refused = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400);
      assert.ok(refused?.sent.startsWith(deferredAt), said);
      assert.equal(
        refused?.reply?.lines.join(),
        "451 4.3.0 temporary filter failure, try again later",
      );
      assert.equal(sink.messages.length, already);
    }
  };

  for (const fail of FAILS) {
    for (const [name, reaction] of Object.entries(troubles)) {
      test(`POSTERN_FAIL ${fail}: a daemon that ${name}`, async () => {
        sidecar.behave(() => reaction);
        await play(fail, "");
      });
      test(`POSTERN_FAIL ${fail}: a daemon that ${name}, at the end of a message only`, async () => {
        sidecar.behave((stage) => (stage === "message" ? reaction : accept));
        await play(fail, "(message");
      });
    }
  }

  test("POSTERN_FAIL accept: nobody waits twice for one message before its end", async () => {
    sidecar.behave(() => silent);
    await play("accept", "");
    // The end of the message and QUIT are other matters: one is always asked, the other not after a failure.
    assert.deepEqual(
      sidecar.asked.map(({ stage }) => stage),
      ["connect", "mail", "message"],
    );
  });

  for (const [name, authentication, left] of [
    ["of ours", "MX.example.org; dkim=pass", false],
    ["of ours, hidden", '(\\) "mx\\.example.org"; dkim=pass', false],
    [
      "longer than Exim looks at",
      `relay.example; none ${"x".repeat(800).concat("\r\n ").repeat(90)}`,
      false,
    ],
    ["of others", "relay.example; dkim=pass", true],
  ] as const) {
    test(`POSTERN_FAIL accept: forged fields are taken away, Authentication-Results ${name}`, async () => {
      sidecar.behave((stage) => (stage === "message" ? garbage : accept));
      const forged = Buffer.concat([
        Buffer.from(`X-Postern: 1\r\nx-spam: no\r\nX-SPAM-FLAG: NO\r\n\tb\r\nX-Spam-Level: 1\r\n`),
        Buffer.from(`Authentication-Results:\r\n ${authentication}\r\n`),
        message,
      ]);
      const already = sink.messages.length;
      const steps: readonly Step[] = session().map((step) =>
        step.kind === "data" ? { ...step, message: forged } : step,
      );
      const from = { host: "127.0.0.1", port: PORTS.accept, localAddress: "192.0.2.1" };
      const transcript = await converse({ ...from, steps });
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
      const [delivered] = (await sink.waitFor(already + 1)).slice(already);
      const text = delivered?.bytes.toString("latin1") ?? "";
      assert.doesNotMatch(text, /^X-Postern|^X-Spam(?!-Level)/im);
      assert.match(text, /^X-Spam-Level: 1\r\n/m);
      assert.equal(/^Authentication-Results:/m.test(text), left, text.slice(0, 2000));
      assert.ok(delivered?.bytes.subarray(-message.length).equals(message));
    });
  }

  for (const fail of FAILS) {
    test(`POSTERN_FAIL ${fail}: no daemon`, async () => {
      if (fail === FAILS[0]) await sidecar.close();
      await play(fail, "");
    });
  }
};

testInNamespace("a daemon in trouble under a real Exim", import.meta.filename, define, ["exim"]);
