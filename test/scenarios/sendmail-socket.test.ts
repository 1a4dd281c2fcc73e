import assert from "node:assert/strict";
import { chmod, chown } from "node:fs/promises";
import { dirname } from "node:path";
import { after, before, test } from "node:test";
import { session } from "../mta/instance-test.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Sendmail, type SendmailOptions, startSendmail } from "../mta/sendmail.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import { type BrokenMilter, openBrokenMilter } from "./broken-milter.ts";
import { milterComplaints } from "./sendmail-log.ts";
import { openSocketPlace, type SocketPlace } from "./sendmail-socket.ts";
import { until } from "./until.ts";

const ROOT = 0;
const NOBODY = 65_534;
const PORT = 2798;

/**
 * Which unix sockets a Sendmail that runs as root takes: whoever may write in the folder could have put another one
 * there, so only its owner may. The socket's own mode does not matter.
 */
const cases = [
  { owner: NOBODY, folder: 0o700, socket: 0o600, is: "taken" },
  { owner: NOBODY, folder: 0o755, socket: 0o600, is: "taken" },
  { owner: NOBODY, folder: 0o755, socket: 0o666, is: "taken" },
  { owner: NOBODY, folder: 0o2750, socket: 0o660, is: "taken" },
  { owner: ROOT, folder: 0o755, socket: 0o600, is: "taken" },
  { owner: NOBODY, folder: 0o770, socket: 0o660, is: "unsafe" },
  { owner: NOBODY, folder: 0o2770, socket: 0o660, is: "unsafe" },
  { owner: NOBODY, folder: 0o1777, socket: 0o600, is: "unsafe" },
  { owner: NOBODY, folder: 0o777, socket: 0o600, is: "unsafe" },
] as const;

const define = (): void => {
  let place: SocketPlace;
  let sink: Sink;
  let options: SendmailOptions;
  let sendmail: Sendmail;
  let milter: BrokenMilter;

  before(async () => {
    place = await openSocketPlace();
    sink = await openSink();
    milter = await openBrokenMilter(8896, place.path);
    options = {
      instanceDir: place.instanceDir,
      port: PORT,
      sinkPort: sink.port,
      dns: "hosts",
      milters: [`S=${place.seenBySendmail}, F=T`],
    };
    sendmail = await startSendmail(options);
  });
  after(async () => {
    await sendmail.stop();
    await milter[Symbol.asyncDispose]();
    await sink.close();
    await place.remove();
  });

  for (const { owner, folder, socket, is } of cases) {
    const whose = owner === ROOT ? "root" : "another user";
    const modes = `folder ${folder.toString(8)}, socket ${socket.toString(8)}`;
    test(`${modes}, both of ${whose}: ${is}`, async () => {
      await chown(dirname(place.path), owner, owner);
      await chmod(dirname(place.path), folder);
      await chown(place.path, owner, owner);
      await chmod(place.path, socket);
      const seen = sendmail.log().length;
      const transcript = await converse({ host: "127.0.0.1", port: PORT, steps: session() });
      const code = replyTo(transcript, "MAIL")?.code;
      assert.equal(code, is === "taken" ? 250 : 451, formatTranscript(transcript));
      const complaints = (): readonly string[] => milterComplaints(sendmail.log().slice(seen));
      if (is === "taken") assert.deepEqual(complaints(), []);
      else await until(() => complaints().some((line) => /socket name \S+ unsafe$/.test(line)));
    });
  }

  test("with a folder that others may write, Sendmail does not even start", async () => {
    await sendmail.stop();
    await chmod(dirname(place.path), 0o777);
    await assert.rejects(startSendmail(options), /unsafe/);
  });
};

testInNamespace("a real Sendmail and the modes of a unix socket", import.meta.filename, define, [
  "sendmail",
]);
