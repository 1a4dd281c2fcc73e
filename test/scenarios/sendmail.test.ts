import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testInNamespace } from "../mta/namespace-test.ts";
import { type Sendmail, startSendmail } from "../mta/sendmail.ts";
import { offersLogin, openPasswordServer } from "../mta/sendmail-login.ts";
import { converse } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { assertTold, type Manner } from "./assert-told.ts";
import { longReply } from "./long-reply.ts";
import { assertOutgoingTeaches } from "./outgoing-teaches.ts";
import { overBudget } from "./over-budget.ts";
import { openRig, type Rig } from "./rig.ts";
import type { Scenario } from "./scenario.ts";
import { milterComplaints } from "./sendmail-log.ts";
import { openSocketPlace, type SocketPlace } from "./sendmail-socket.ts";
import { table } from "./table.ts";

const PORT = 2725;
const SUBMISSION_PORT = 2787;

const manner: Manner = {
  front: "sendmail",
  mta: "sendmail",
  // `550 5.7.25 <b@example.org>... you must have rDNS`: the address stands between the code and the sentence.
  words: (reply) => reply.replace(/^\d{3} (?:\d\.\d+\.\d+ )?/, ""),
};

/** Everything real: Sendmail with F=T, the daemon as user nobody, the DNS on port 53, clients of any address. */
const define = (): void => {
  let rig: Rig;
  let sendmail: Sendmail;
  let passwords: AsyncDisposable;
  let place: SocketPlace;

  before(async () => {
    place = await openSocketPlace();
    rig = await openRig({ listen: { milter: [place.listen] } });
    sendmail = await startSendmail({
      instanceDir: place.instanceDir,
      port: PORT,
      sinkPort: rig.sink.port,
      ipv6: true,
      dns: "127.0.0.1",
      milters: [`S=${place.seenBySendmail}, F=T`],
      ...offersLogin,
      settings: [
        ...offersLogin.settings,
        // Its own limit of 32 KB refuses some rows before the milter is told of a header.
        "define(`confMAX_HEADERS_LENGTH', `1048576')dnl",
        `DAEMON_OPTIONS(\`Name=ORIGINATING, Family=inet, Addr=127.0.0.1, Port=${SUBMISSION_PORT}')dnl`,
      ],
    });
    passwords = await openPasswordServer(sendmail.runDirectory);
  });
  after(async () => {
    await sendmail.stop();
    await passwords[Symbol.asyncDispose]();
    await rig.close();
    await place.remove();
  });

  for (const scenario of [...table, longReply, overBudget]) {
    if (scenario.cells.sendmail !== "real") continue;
    test(`sendmail: ${scenario.id}`, async () => {
      await rig.prepare(scenario);
      const already = { messages: rig.sink.messages.length, lines: rig.daemon().lines().length };
      const transcript = await converse(conversationOf(scenario));
      const lines = () => rig.daemon().lines();
      await assertTold({ sink: rig.sink, lines }, scenario, transcript, already, manner);
      const enhanced = /^\d{3} \d\.\d+\.\d+ /.exec(scenario.expect.reply ?? "")?.[0];
      const refusals = transcript.filter(({ reply }) => (reply?.code ?? 0) >= 400);
      if (enhanced !== undefined)
        assert.equal(refusals[0]?.reply?.lines[0]?.startsWith(enhanced), true);
      assert.deepEqual(milterComplaints(sendmail.log()), []);
    });
  }

  test("sendmail: what a user sends teaches whom he knows", () =>
    assertOutgoingTeaches({
      prepare: rig.prepare,
      play: (scenario) => converse(conversationOf(scenario)),
      lines: () => rig.daemon().lines(),
    }));
};

testInNamespace("scenarios on a real Sendmail", import.meta.filename, define, ["sendmail"]);

function conversationOf({
  client,
  helo,
  from,
  rcpt,
  message,
}: Scenario): Parameters<typeof converse>[0] {
  const login = Buffer.from(`\0${client.user}\0secret`).toString("base64");
  const auth: readonly Step[] =
    client.user === undefined ? [] : [{ kind: "line", text: `AUTH PLAIN ${login}` }];
  return {
    host: client.ip.includes(":") ? "::1" : "127.0.0.1",
    port: client.listener === "submission" ? SUBMISSION_PORT : PORT,
    localAddress: client.ip,
    steps: [
      { kind: "banner" },
      { kind: "ehlo", name: helo },
      ...auth,
      { kind: "mail", from },
      ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
      { kind: "data", message },
      { kind: "quit" },
    ],
  };
}
