import assert from "node:assert/strict";
import { test } from "node:test";
import { message, session, strangers, withInstance } from "./instance-test.ts";
import { testInNamespace } from "./namespace-test.ts";
import { isListening } from "./processes.ts";
import { serveZone } from "./scripted-dns.ts";
import { type Sendmail, type SendmailOptions, startSendmail } from "./sendmail.ts";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";

const port = 2525;

const withSendmail = (
  options: Partial<SendmailOptions>,
  action: (sendmail: Sendmail) => Promise<void>,
) =>
  withInstance(async (instanceDir) => {
    const common = { instanceDir, port, sinkPort: 2526, dns: "hosts" } as const;
    await using sendmail = await startSendmail({ ...common, ...options });
    await action(sendmail);
  });

const define = () => {
  test("clients of any address, IPv6, names from DNS, exact bytes, stop", async () => {
    await using sink = await openSink();
    await using _dns = await serveZone(
      {
        "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
        "mail.example.com": { A: ["192.0.2.1"] },
      },
      { port: 53 },
    );
    const options = { sinkPort: sink.port, ipv6: true, dns: "127.0.0.1" } as const;
    await withSendmail(options, async (sendmail) => {
      const from = { host: "127.0.0.1", port, localAddress: "192.0.2.1" };
      const plain = await converse({ ...from, steps: session() });
      assert.equal(replyTo(plain, "(message")?.code, 250, formatTranscript(plain));
      const [first] = await sink.waitFor(1);
      assert.match(
        first?.bytes.toString("latin1") ?? "",
        /^Received: from client\.example\.com \(mail\.example\.com \[192\.0\.2\.1\]\)\r\n/,
      );
      assert.ok(first?.bytes.subarray(-message.length).equals(message));

      const v6From = { host: "::1", port, localAddress: "2001:db8::25" };
      const v6 = await converse({ ...v6From, steps: session() });
      assert.equal(replyTo(v6, "(message")?.code, 250, formatTranscript(v6));
      await sink.waitFor(2);
      await sendmail.waitForLog(/from=<a@example\.com>.*relay=.*\[IPv6:2001:db8:.*:25\]/);

      await sendmail.stop();
      assert.equal(await isListening(port), false);
      assert.deepEqual(await strangers(), []);
    });
  });

  test("a milter that is down: F=T answers 451", async () => {
    await withSendmail({ milters: ["S=inet:1@127.0.0.1, F=T"] }, async (sendmail) => {
      const transcript = await converse({ host: "127.0.0.1", port, steps: session() });
      assert.equal(replyTo(transcript, "MAIL")?.code, 451, formatTranscript(transcript));
      await sendmail.waitForLog(/Milter \(milter0\): to error state/);
    });
  });

  test("a broken configuration is reported with Sendmail's words", async () => {
    await assert.rejects(
      withSendmail({ settings: ["FEATURE(`moon')dnl"] }, async () => {}),
      /Cannot start sendmail on port 2525: .*moon/s,
    );
    assert.deepEqual(await strangers(), []);
  });
};

testInNamespace("sendmail: a real one in namespaces", import.meta.filename, define, ["sendmail"]);
