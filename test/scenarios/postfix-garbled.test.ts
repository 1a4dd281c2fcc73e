import assert from "node:assert/strict";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { startPostfix } from "../mta/postfix.ts";
import { openSink } from "../mta/sink.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import { openBrokenMilter } from "./broken-milter.ts";
import { mail } from "./rows/base.ts";

const PORT = 2525;
const MILTER_PORT = 8895;

const garbage: Readonly<Record<string, (socket: Socket) => void>> = {
  "half a packet": (socket) => socket.end(Buffer.from("0000000563", "hex")),
  "a letter that nobody knows": (socket) => socket.write(Buffer.from("000000015a", "hex")),
  "a packet of 4 GB": (socket) => socket.end(Buffer.from("ffffffff63", "hex")),
};

/** What `milter_default_action` says of a filter that cannot be understood, at the start, at MAIL and at the end. */
const define = (): void => {
  for (const action of ["accept", "tempfail"] as const) {
    test(`a real Postfix hears garbage, milter_default_action ${action}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "postern-garbled-"));
      await chmod(folder, 0o755);
      await using sink = await openSink();
      await using milter = await openBrokenMilter(MILTER_PORT, join(folder, "broken.sock"));
      await using _postfix = await startPostfix({
        instanceDir: join(folder, "postfix"),
        port: PORT,
        sinkPort: sink.port,
        dns: "hosts",
        milters: `inet:127.0.0.1:${MILTER_PORT}`,
        milterDefaultAction: action,
        milterTimeouts: { commandSeconds: 3, contentSeconds: 3 },
      });
      for (const [name, react] of Object.entries(garbage)) {
        for (const letter of ["O", "M", "E"] as const) {
          milter.breakAt(letter, react);
          const already = sink.messages.length;
          const transcript = await converse({
            host: "127.0.0.1",
            port: PORT,
            localAddress: "192.0.2.1",
            steps: [
              { kind: "banner" },
              { kind: "ehlo", name: "mail.example.com" },
              { kind: "mail", from: "a@example.com" },
              { kind: "rcpt", to: "b@example.org" },
              { kind: "data", message: mail() },
              { kind: "quit" },
            ],
          });
          const said = `${name} at ${letter}\n${formatTranscript(transcript)}`;
          const refusal = transcript.find(({ reply }) => (reply?.code ?? 0) >= 400)?.reply;
          if (action === "accept") {
            assert.equal(replyTo(transcript, "(message")?.code, 250, said);
            const messages = await sink.waitFor(already + 1);
            assert.ok(
              messages.at(-1)?.bytes.toString("latin1").endsWith("\r\n\r\nhello\r\n"),
              said,
            );
          } else {
            assert.equal(refusal?.code, 451, said);
            assert.equal(sink.messages.length, already, said);
          }
        }
      }
      await rm(folder, { recursive: true, force: true });
    });
  }
};

testInNamespace("a real Postfix whose filter is garbled", import.meta.filename, define);
