import assert from "node:assert/strict";
import { test } from "node:test";
import { message, session, strangers, withInstance } from "./instance-test.ts";
import { testInNamespace } from "./namespace-test.ts";
import { startNotqmail } from "./notqmail.ts";
import { isListening } from "./processes.ts";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";

const port = 2525;

const define = () => {
  test("clients of any address, exact bytes, the codes of qmail-queue, a login, stop", () =>
    withInstance(async (instanceDir) => {
      await using sink = await openSink();
      const bare = { POSTERN_SOCKET: "inet:127.0.0.1:1" };
      const options = { instanceDir, ports: [port], sinkPort: sink.port } as const;
      await using notqmail = await startNotqmail({ ...options, environment: bare });
      const from = { host: "127.0.0.1", port, localAddress: "192.0.2.1" };

      const good = await converse({ ...from, steps: session() });
      assert.equal(replyTo(good, "(message")?.code, 250, formatTranscript(good));
      const [first] = await sink.waitFor(1);
      assert.equal(first?.mailFrom, "a@example.com");
      assert.match(
        first?.bytes.toString("latin1") ?? "",
        /^Received: from unknown \(HELO client\.example\.com\) \(192\.0\.2\.1\)\r\n {2}by /,
      );
      assert.ok(first?.bytes.subarray(-message.length).equals(message));

      for (const [code, reply] of [
        ["31", /^554 .*31/],
        ["53", /^451 .*53/],
        ["KILL", /^451 .*crashed/],
      ] as const) {
        await notqmail.setEnvironment({ ...bare, STANDIN_EXIT: code });
        const bad = await converse({ ...from, steps: session() });
        assert.match(replyTo(bad, "(message")?.lines[0] ?? "", reply, formatTranscript(bad));
      }
      assert.equal(sink.messages.length, 1);
      await notqmail.stop();
      assert.equal(await isListening(port), false);
      assert.deepEqual(await strangers(), []);
    }));
};

testInNamespace("notqmail: tcpserver with stand-ins", import.meta.filename, define, ["ucspi-tcp"]);
