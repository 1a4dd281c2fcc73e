import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { networkNamespace } from "./namespace.ts";
import { testInNamespace } from "./namespace-test.ts";
import { type PostfixOptions, startPostfix } from "./postfix.ts";
import { isListening, listProcesses } from "./processes.ts";
import { serveZone } from "./scripted-dns.ts";
import { openSink } from "./sink.ts";
import { converse, formatTranscript, replyTo } from "./smtp-client.ts";
import type { Step } from "./smtp-steps.ts";

const port = 2525;
const submissionPort = 2587;
const message = Buffer.from(
  "Subject: t\r\nMessage-ID: <1@example.com>\r\n\r\n.dot\r\n\xe9\r\n",
  "latin1",
);

const conversation = (...before: Step[]): Step[] => [
  { kind: "banner" },
  ...before,
  { kind: "ehlo", name: "client.example.com" },
  { kind: "mail", from: "a@example.com" },
  { kind: "rcpt", to: "b@example.org" },
  { kind: "data", message },
  { kind: "quit" },
];

async function withPostfix(
  options: Partial<PostfixOptions>,
  action: (postfix: Awaited<ReturnType<typeof startPostfix>>) => Promise<void>,
) {
  const instanceDir = await mkdtemp(join(tmpdir(), "postern-postfix-"));
  try {
    await using postfix = await startPostfix({
      instanceDir,
      port,
      sinkPort: 2526,
      dns: "hosts",
      ...options,
    });
    await action(postfix);
  } finally {
    await rm(instanceDir, { recursive: true, force: true });
  }
}

testInNamespace("postfix: a real one in namespaces of its own", import.meta.filename, () => {
  test("the namespace asks our DNS and no other", async () => {
    await using dns = await serveZone({ "mail.example.com": { A: ["192.0.2.1"] } }, { port: 53 });
    assert.equal(dns.port, 53);
    assert.equal((await new Resolver().resolve4("mail.example.com"))[0], "192.0.2.1");
    assert.notEqual(networkNamespace(), process.env["POSTERN_NAMESPACE_OUTSIDE"]);
  });

  test("clients of any address, IPv6, names from DNS, XCLIENT LOGIN, exact bytes", async () => {
    await using sink = await openSink();
    await using _dns = await serveZone(
      {
        "1.2.0.192.in-addr.arpa": { PTR: ["mail.example.com"] },
        "mail.example.com": { A: ["192.0.2.1"] },
      },
      { port: 53 },
    );
    const options = { sinkPort: sink.port, submissionPort, ipv6: true, dns: "127.0.0.1" } as const;
    await withPostfix(options, async (postfix) => {
      const plain = await converse({
        host: "127.0.0.1",
        port,
        localAddress: "192.0.2.1",
        steps: conversation(),
      });
      assert.equal(replyTo(plain, "(message")?.code, 250, formatTranscript(plain));
      const [first] = await sink.waitFor(1);
      assert.match(
        first?.bytes.toString("latin1") ?? "",
        /^Received: from client\.example\.com \(mail\.example\.com \[192\.0\.2\.1\]\)\r\n/,
      );
      assert.ok(first?.bytes.subarray(-message.length).equals(message));

      const v6 = await converse({
        host: "::1",
        port,
        localAddress: "2001:db8::25",
        steps: conversation(),
      });
      assert.equal(replyTo(v6, "(message")?.code, 250, formatTranscript(v6));
      const [, second] = await sink.waitFor(2);
      assert.match(second?.bytes.toString("latin1") ?? "", /\(unknown \[IPv6:2001:db8::25\]\)/);

      const login = await converse({
        host: "127.0.0.1",
        port: submissionPort,
        steps: [
          { kind: "banner" },
          { kind: "ehlo", name: "localhost" },
          {
            kind: "xclient",
            attributes: { NAME: "[UNAVAILABLE]", ADDR: "198.51.100.7", LOGIN: "carol" },
          },
          ...conversation().slice(1),
        ],
      });
      assert.match(replyTo(login, "EHLO")?.text ?? "", /^XCLIENT .*\bLOGIN\b/m);
      assert.equal(replyTo(login, "XCLIENT")?.code, 220, formatTranscript(login));
      assert.equal(replyTo(login, "(message")?.code, 250, formatTranscript(login));
      await sink.waitFor(3);
      await postfix.waitForLog(/client=unknown\[198\.51\.100\.7\].*sasl_username=carol/);
    });
  });

  for (const [action, code] of [
    ["accept", 250],
    ["tempfail", 451],
  ] as const) {
    test(`milter_default_action=${action} when the milter is down`, async () => {
      await using sink = await openSink();
      const options = {
        sinkPort: sink.port,
        milters: "inet:127.0.0.1:1",
        milterDefaultAction: action,
      } as const;
      await withPostfix(options, async (postfix) => {
        const transcript = await converse({ host: "127.0.0.1", port, steps: conversation() });
        assert.equal(replyTo(transcript, "MAIL")?.code, code, formatTranscript(transcript));
        await postfix.waitForLog(/connect to Milter service inet:127\.0\.0\.1:1/);
      });
    });
  }

  test("a broken configuration is reported with Postfix's words", async () => {
    await assert.rejects(
      withPostfix({ settings: { inet_protocols: "ipv5" } }, async () => {}),
      /Cannot start Postfix on port 2525: .*ipv5/s,
    );
  });

  test("nothing is left", async () => {
    assert.equal(await isListening(port), false);
    const left = (await listProcesses()).filter(({ pid }) => pid !== 1 && pid !== process.pid);
    assert.deepEqual(left, []);
    assert.match(await readFile("/etc/resolv.conf", "utf8"), /^nameserver 127\.0\.0\.1$/m);
  });
});
