import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Sendmail, startSendmail } from "../mta/sendmail.ts";
import { converse, formatTranscript, replyTo, type Transcript } from "../mta/smtp-client.ts";
import { openRig, PATIENT, type Rig } from "./rig.ts";
import { mail, site } from "./rows/base.ts";
import { signed } from "./rows/sign.ts";
import { milterComplaints } from "./sendmail-log.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";
import { untimed } from "./untimed.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/sendmail/postern.mc");
const PORT = 2797;
/** What Sendmail waits for an answer: `R:` of the example, and its own default. */
const REPLY_MS = 10_000;
const [honest] = table;
assert.ok(honest);
const { from, helo } = honest;

/** Questions that never get an answer: the client's name, the author's policy and key. */
const silence = {
  ...honest.dns,
  "7.100.51.198.in-addr.arpa": "timeout",
  "_dmarc.example.com": "timeout",
  "s._domainkey.example.com": "timeout",
};

/** A Sendmail with the lines of examples/sendmail, and nothing else that is not as Sendmail comes. */
const define = (): void => {
  let rig: Rig;
  let sendmail: Sendmail;

  before(async () => {
    rig = await openRig({ listen: { milter: "inet:127.0.0.1:8891" } });
    sendmail = await startSendmail({
      instanceDir: join(rig.folder, "sendmail"),
      port: PORT,
      sinkPort: rig.sink.port,
      dns: "hosts",
      // There is no unit here that makes the folder of its socket.
      settings: [
        (await readFile(EXAMPLE, "utf8")).replace(/S=unix:[^,]*/, "S=inet:8891@127.0.0.1"),
      ],
    });
  });
  after(async () => {
    await sendmail.stop();
    await rig.close();
  });

  const send = (localAddress: string, message: string): Promise<Transcript> =>
    converse({
      ...{ host: "127.0.0.1", port: PORT, localAddress, timeoutMs: 90_000 },
      steps: [
        { kind: "banner" },
        { kind: "ehlo", name: helo },
        { kind: "mail", from },
        { kind: "rcpt", to: "b@example.org" },
        { kind: "data", message },
        { kind: "quit" },
      ],
    });
  const tookMs = (transcript: Transcript, command: string): number =>
    transcript.find(({ sent }) => sent.startsWith(command))?.tookMs ?? assert.fail();

  test("the example judges", async () => {
    await rig.prepare(honest);
    const transcript = await send("192.0.2.1", honest.message);
    assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    const [delivered] = await rig.sink.waitFor(1);
    assert.match(delivered?.bytes.toString("latin1") ?? "", /^X-Postern: /m);
  });

  test("a DNS that never answers: our deadlines come before those of Sendmail", async () => {
    rig.dns.setZone(silence as Parameters<Rig["dns"]["setZone"]>[0]);
    await rig.configure({ ...site, dns: { timeoutMs: 8_000 }, limits: PATIENT });
    const isRead = (line: string): boolean => /again$/.test(untimed(line));
    const read = rig.daemon().lines().filter(isRead).length;
    rig.daemon().kill("SIGHUP");
    await until(() => rig.daemon().lines().filter(isRead).length > read);
    const already = rig.sink.messages.length;
    const [nameless, keyless] = await Promise.all([
      send("198.51.100.7", mail()),
      send("192.0.2.1", signed(mail())),
    ]);
    for (const transcript of [nameless, keyless]) {
      // What is not known in time is not held against anyone.
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    }
    const said = formatTranscript(nameless);
    assert.ok(tookMs(nameless, "RCPT") >= 0.7 * REPLY_MS, said);
    // A verdict that takes longer than Sendmail would wait: PROGRESS keeps it patient.
    assert.ok(tookMs(keyless, "(message") > REPLY_MS, formatTranscript(keyless));
    for (const { bytes } of (await rig.sink.waitFor(already + 2)).slice(already))
      assert.match(bytes.toString("latin1"), /^X-Postern: .*action=accept/m);
    // It never said that it waited in vain.
    assert.deepEqual(milterComplaints(sendmail.log()), []);
  });
};

testInNamespace("the example and its deadlines on a real Sendmail", import.meta.filename, define, [
  "sendmail",
]);
