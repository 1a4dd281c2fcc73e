import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Exim, startExim } from "../mta/exim.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import { withPostern } from "./exim-rig.ts";
import { openRig, type Rig } from "./rig.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const PORT = 2850;
const RUN = "\x24{run{/bin/touch /run/owned}}";

/** What a client says, one character a byte, and what of it arrives where that is less. */
const names: readonly { readonly helo: string; readonly arrives?: string }[] = [
  { helo: "mail.example.com with blanks" },
  { helo: "mail.example.com ip=MTI3LjAuMC4x auth=cm9vdA z=1" },
  { helo: `}"\\${RUN}%s%n` },
  { helo: "a\tb" },
  { helo: "a\rPOSTERN1 rcpt" },
  { helo: "a\x01b\x02c\x7f" },
  { helo: "a\xffb\xfe\xc3\xa9" },
  { helo: "m".repeat(16_000), arrives: "m".repeat(255) },
];

const senders: readonly string[] = [
  '"a b"@example.com',
  '"a>b"@example.com',
  '"a\\" from=x@example.org"@example.com',
  `"${RUN}"@example.com`,
  '"a\rRcpt: <x@y>\rb"@example.com',
  '"a/b:true/c"@example.com',
  '"\xff\xfe"@example.com',
  "",
];

/** Each value arrives as one, as it was sent: the daemon's log shows its bytes. */
const define = (): void => {
  let rig: Rig;
  let exim: Exim;
  const [honest] = table;
  assert.ok(honest);

  before(async () => {
    rig = await openRig({ listen: { milter: [], exim: "inet:127.0.0.1:8892" } });
    exim = await startExim(
      await withPostern({
        instanceDir: join(rig.folder, "exim"),
        port: PORT,
        sinkPort: rig.sink.port,
        settings: ["helo_accept_junk_hosts = *"],
        macros: { FAIL: "defer" },
      }),
    );
    await rig.prepare(honest);
  });
  after(async () => {
    await exim.stop();
    await rig.close();
  });

  let serial = 0;
  const play = async (helo: string, from: string): Promise<string> => {
    serial += 1;
    const to = `b${serial}@example.org`;
    const bytes = (text: string) => Buffer.from(`${text}\r\n`, "latin1");
    const transcript = await converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [
        { kind: "banner" },
        { kind: "raw", bytes: bytes(`EHLO ${helo}`) },
        { kind: "raw", bytes: bytes(`MAIL FROM:<${from}>`) },
        { kind: "rcpt", to },
        { kind: "data", message: honest.message },
        { kind: "quit" },
      ],
    });
    const said = formatTranscript(transcript);
    assert.equal(replyTo(transcript, "(message")?.code, 250, said);
    const find = () =>
      rig
        .daemon()
        .lines()
        .find((line) => line.includes(` exim message `) && line.includes(`to=<${to}>`));
    await until(
      () => find() !== undefined,
      () => `${said}\n${rig.daemon().lines().slice(-5).join("\n")}`,
    );
    return find() ?? "";
  };

  for (const { helo, arrives = helo } of names) {
    test(`HELO ${JSON.stringify(helo).slice(0, 50)}`, async () => {
      const line = await play(helo, "a@example.com");
      assert.ok(
        line.includes(
          ` address=192.0.2.1 rdns=mail.example.com helo=${escaped(arrives)} from=<a@example.com> `,
        ),
        line,
      );
    });
  }

  for (const from of senders) {
    test(`MAIL FROM:<${JSON.stringify(from)}>`, async () => {
      const line = await play("mail.example.com", from);
      assert.ok(line.includes(` helo=mail.example.com from=<${escaped(from)}> to=`), line);
    });
  }

  test("nothing was run, nothing was malformed", () => {
    const lines = [...exim.log(), ...rig.daemon().lines()].join("\n");
    assert.doesNotMatch(lines, /no usable answer|malformed|panic|expand/i);
  });
};

/** As the log shows a value (docs/log.md). */
function escaped(value: string): string {
  return value.replace(/[^!-~]|["\\<>]/g, (byte) => {
    const hex = byte.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${hex}`;
  });
}

testInNamespace("what a client of Exim can say", import.meta.filename, define, ["exim"]);
