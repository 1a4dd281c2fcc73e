import assert from "node:assert/strict";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Sendmail, startSendmail } from "../mta/sendmail.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { type Conversation, converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { mail } from "./rows/base.ts";
import { openSocketPlace, type SocketPlace } from "./sendmail-socket.ts";

/*
 * What INPUT_MAIL_FILTER says of a filter that is not there, or not to be understood (cf/README of sendmail, "F="): without
 * a flag mail goes on, T tells the client to come back, R refuses it, 4 tells it to come back and hangs up.
 */

const PORT = 2525;
const MILTER_PORT = 8899;
const FLAGS = ["", "F=T", "F=R", "F=4"] as const;
type Flag = (typeof FLAGS)[number];

/** What a filter may be like, on its socket. null: nobody listens. */
const TROUBLES: Readonly<Record<string, ((socket: Socket) => void) | null>> = {
  "nobody listens": null,
  "the connection is closed at once": (socket) => socket.destroy(),
  "no answer ever comes": () => {},
  "garbage is answered": (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "half a packet is answered": (socket) => socket.end(Buffer.from([0, 0, 0, 13, 0x4f, 0, 0])),
};

/** The reply that decides, and to what it is said; "" is the greeting. */
const EXPECTED: Readonly<Record<Flag, { readonly to: string; readonly code: number }>> = {
  "": { to: "(message", code: 250 },
  "F=T": { to: "MAIL", code: 451 },
  "F=R": { to: "MAIL", code: 550 },
  "F=4": { to: "", code: 421 },
};

const define = (): void => {
  for (const [transportAt, transport] of (["inet", "unix"] as const).entries()) {
    for (const [flagAt, flag] of FLAGS.entries()) {
      const port = PORT + 10 * transportAt + flagAt;
      let place: SocketPlace;
      let sink: Sink;
      let sendmail: Sendmail;
      before(async () => {
        place = await openSocketPlace();
        sink = await openSink();
        const socket =
          transport === "inet" ? `inet:${MILTER_PORT}@127.0.0.1` : place.seenBySendmail;
        const flags = flag === "" ? "" : `${flag}, `;
        sendmail = await startSendmail({
          instanceDir: place.instanceDir,
          port,
          sinkPort: sink.port,
          dns: "hosts",
          milters: [`S=${socket}, ${flags}T=C:1s;S:1s;R:1s;E:2s`],
        });
      });
      after(async () => {
        await sendmail.stop();
        await sink.close();
        await place.remove();
      });

      for (const [trouble, react] of Object.entries(TROUBLES)) {
        test(`${transport}, ${flag || "no flag"}: ${trouble}`, async () => {
          await using _filter = await listen(transport, place, react);
          const already = sink.messages.length;
          const transcript = await converse(conversationAt(port));
          const { to, code } = EXPECTED[flag];
          assert.equal(replyTo(transcript, to)?.code, code, formatTranscript(transcript));
          if (code === 250) await sink.waitFor(already + 1);
          else assert.equal(sink.messages.length, already);
        });
      }

      test(`${transport}, ${flag || "no flag"}: a packet of 4 GB is announced: 8.17.1 ends the session, and serves on`, async () => {
        const announce = (socket: Socket): void => void socket.end(Buffer.alloc(64, 0xff));
        const already = sink.messages.length;
        {
          await using _filter = await listen(transport, place, announce);
          const transcript = await converse(conversationAt(port));
          assert.equal(replyTo(transcript, ""), undefined, formatTranscript(transcript));
        }
        const { to, code } = EXPECTED[flag];
        const next = await converse(conversationAt(port));
        assert.equal(replyTo(next, to)?.code, code, formatTranscript(next));
        if (code === 250) await sink.waitFor(already + 1);
      });
    }
  }
};

testInNamespace("a real Sendmail whose filter is in trouble", import.meta.filename, define, [
  "sendmail",
]);

function conversationAt(port: number): Conversation {
  const steps: readonly Step[] = [
    { kind: "banner" },
    { kind: "ehlo", name: "mail.example.com" },
    { kind: "mail", from: "a@example.com" },
    { kind: "rcpt", to: "b@example.org" },
    { kind: "data", message: mail() },
    { kind: "quit" },
  ];
  return { host: "127.0.0.1", port, localAddress: "192.0.2.1", steps };
}

async function listen(
  transport: "inet" | "unix",
  { path }: SocketPlace,
  react: ((socket: Socket) => void) | null,
): Promise<AsyncDisposable> {
  if (react === null) return { [Symbol.asyncDispose]: async () => {} };
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.resume();
    react(socket);
  });
  await new Promise<void>((resolve) => {
    if (transport === "inet") server.listen(MILTER_PORT, "127.0.0.1", resolve);
    else server.listen(path, resolve);
  });
  if (transport === "unix") await chmod(path, 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(path, { force: true });
    },
  };
}
