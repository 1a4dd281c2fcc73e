import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exim, type EximOptions, startExim } from "./exim.ts";
import { message, session, strangers, withInstance } from "./instance-test.ts";
import { testInNamespace } from "./namespace-test.ts";
import { isListening } from "./processes.ts";
import { serveZone } from "./scripted-dns.ts";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";

const port = 2525;

const withExim = (options: Partial<EximOptions>, action: (exim: Exim) => Promise<void>) =>
  withInstance(async (instanceDir) => {
    const common = { instanceDir, port, sinkPort: 2526, dns: "hosts" } as const;
    await using exim = await startExim({ ...common, ...options });
    await action(exim);
  });

const define = () => {
  test("clients of any address, IPv6, names from DNS, exact bytes, an ACL, stop", async () => {
    await using sink = await openSink();
    await using _dns = await serveZone(
      {
        "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
        "mail.example.com": { A: ["192.0.2.1"] },
      },
      { port: 53 },
    );
    const acl = { mail: ["defer senders = late@example.com", "  message = later, please"] };
    const options = { sinkPort: sink.port, ipv6: true, dns: "127.0.0.1", acl } as const;
    await withExim(options, async (exim) => {
      const from = { host: "127.0.0.1", port, localAddress: "192.0.2.1" };
      const plain = await converse({ ...from, steps: session() });
      assert.equal(replyTo(plain, "(message")?.code, 250, formatTranscript(plain));
      const [first] = await sink.waitFor(1);
      assert.match(
        first?.bytes.toString("latin1") ?? "",
        /^Received: from mail\.example\.com \(\[192\.0\.2\.1\]:\d+ helo=client\.example\.com\)\r\n/,
      );
      assert.ok(first?.bytes.subarray(-message.length).equals(message));
      await exim.waitForLog(
        /exim\[\d+\]: \S+ <= a@example\.com H=mail\.example\.com .*\[192\.0\.2\.1\]/,
      );

      const v6From = { host: "::1", port, localAddress: "2001:db8::25" };
      const v6 = await converse({ ...v6From, steps: session() });
      assert.equal(replyTo(v6, "(message")?.code, 250, formatTranscript(v6));
      await sink.waitFor(2);
      await exim.waitForLog(/<= a@example\.com H=.*\[2001:db8::25\]/);

      const late = await converse({
        ...from,
        steps: [...session().slice(0, 2), { kind: "mail", from: "late@example.com" }],
      });
      assert.equal(replyTo(late, "MAIL")?.text, "later, please", formatTranscript(late));
      await exim.stop();
      assert.equal(await isListening(port), false);
      assert.deepEqual(await strangers(), []);
    });
  });

  test("a broken configuration is reported with Exim's words", async () => {
    await assert.rejects(
      withExim({ settings: ["moon = yes"] }, async () => {}),
      /Cannot start exim on port 2525: .*"moon" unknown/s,
    );
    assert.deepEqual(await strangers(), []);
  });
};

testInNamespace("exim: a real one in namespaces", import.meta.filename, define, ["exim"]);
