import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testInNamespace } from "../mta/namespace-test.ts";
import { isListening } from "../mta/processes.ts";
import { type Sendmail, startSendmail } from "../mta/sendmail.ts";
import { type BrokenMilter, type Letter, openBrokenMilter } from "./broken-milter.ts";
import { openRig, type Rig } from "./rig.ts";
import { Clients, type Outcome, type Phase } from "./sendmail-clients.ts";
import { type Flag, type Front, frontLines, frontsFrom } from "./sendmail-fronts.ts";
import { milterComplaints } from "./sendmail-log.ts";
import { openSocketPlace, type SocketPlace } from "./sendmail-socket.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const TRY_LATER = "451 4.3.2 Please try again later";
const CLOSING = "421 4.7.0 mx.example.org closing connection";

/**
 * What a client reads, and after what, when the filter fails at a phase. Without F= a message "is passed through
 * sendmail as if the failing filters were not present"; F=R, F=T and F=4 refuse, put off and end (Sendmail's
 * libmilter/README and cf/README).
 */
const shown: Readonly<
  Record<Exclude<Flag, "">, Readonly<Record<Phase, readonly [string, string]>>>
> = {
  "F=T": {
    connect: ["MAIL", TRY_LATER],
    mail: ["MAIL", TRY_LATER],
    rcpt: ["RCPT", TRY_LATER],
    data: ["DATA", TRY_LATER],
    message: ["message", TRY_LATER],
  },
  "F=R": {
    connect: ["greeting", "554 mx.example.org ESMTP not accepting messages"],
    mail: ["MAIL", "550 5.7.1 <a@example.com>... Command rejected"],
    rcpt: ["RCPT", "550 5.7.1 <b@example.org>... Command rejected"],
    data: ["DATA", "550 5.7.1 Command rejected"],
    message: ["message", "554 5.7.1 Command rejected"],
  },
  "F=4": {
    connect: ["greeting", CLOSING],
    mail: ["MAIL", "421 4.3.0 closing connection"],
    rcpt: ["RCPT", "421 4.3.0 closing connection"],
    data: ["DATA", CLOSING],
    message: ["message", CLOSING],
  },
};

const says =
  (hex: string) =>
  (socket: Socket): void =>
    void socket.write(Buffer.from(hex, "hex"));

/** What a milter must not do, at which command, and when the client is told. */
const troubles: readonly {
  readonly name: string;
  readonly react: (socket: Socket) => void;
  readonly at: readonly (readonly [Letter, Phase])[];
}[] = [
  {
    name: "closes without a word",
    react: (socket) => void socket.destroy(),
    at: [
      ["O", "connect"],
      ["M", "mail"],
      ["E", "message"],
    ],
  },
  {
    name: "says half a packet, and closes",
    react: (socket) => void socket.end(Buffer.from("0000000563", "hex")),
    at: [
      ["O", "connect"],
      ["M", "mail"],
      ["E", "message"],
    ],
  },
  {
    name: "says half a packet, and no more",
    react: says("000000"),
    at: [["E", "message"]],
  },
  {
    // 8.17.1.9 takes such an answer to MAIL for a yes, and acts on it at the next command.
    name: "answers in a letter that nobody knows",
    react: says("000000015a"),
    at: [
      ["O", "connect"],
      ["M", "rcpt"],
      ["E", "message"],
    ],
  },
  {
    name: "asks for patience at MAIL, as Postfix allows",
    react: says("0000000170"),
    at: [["M", "rcpt"]],
  },
];

/** Sendmail gives a silent filter up after this; a busy machine must answer sooner. */
const REPLY_SECONDS = 3;
const BROKEN = { port: 8895, path: "broken.sock" };
const REAL = { port: 8894, path: "postern/milter.sock" };
const [honest] = table;
assert.ok(honest);
const nothing = async (): Promise<void> => {};

const define = (): void => {
  const fronts = frontsFrom(2800);
  const brokenFronts = frontsFrom(2820);
  let place: SocketPlace;
  let rig: Rig;
  let sendmail: Sendmail;
  let broken: BrokenMilter;
  let clients: Clients;

  before(async () => {
    place = await openSocketPlace();
    rig = await openRig({ listen: { milter: [`inet:127.0.0.1:${REAL.port}`, place.listen] } });
    await rig.prepare(honest);
    clients = new Clients(rig.sink);
    broken = await openBrokenMilter(BROKEN.port, join(place.instanceDir, "run", BROKEN.path));
    sendmail = await startSendmail({
      instanceDir: place.instanceDir,
      port: 2799,
      sinkPort: rig.sink.port,
      dns: "hosts",
      settings: [
        ...frontLines(fronts, REAL, REPLY_SECONDS),
        ...frontLines(brokenFronts, BROKEN, REPLY_SECONDS),
      ],
    });
    for (const { port } of [...fronts, ...brokenFronts])
      while (!(await isListening(port))) await sleep(10);
  });
  after(async () => {
    await sendmail.stop();
    await broken[Symbol.asyncDispose]();
    await rig.close();
    await place.remove();
  });

  /** A client for each F= over each kind of socket, all at a time; the filter fails when all are at the phase. */
  const strikeAll = async (
    those: readonly Front[],
    told: Phase,
    play: (port: number) => Promise<Outcome>,
  ): Promise<void> => {
    const seen = sendmail.log().length;
    const outcomes = await Promise.all(those.map(({ port }) => play(port)));
    for (const [at, { flag, over }] of those.entries()) {
      const outcome = outcomes[at] ?? assert.fail();
      const expected = flag === "" ? [null, null] : shown[flag][told];
      assert.deepEqual([outcome.at, outcome.line], expected, `${flag} ${over}\n${outcome.said}`);
      if (flag !== "") continue;
      const { bytes } = await clients.delivered(outcome.id);
      assert.doesNotMatch(bytes.toString("latin1"), /^X-Postern:/m);
    }
    const failures = (): readonly string[] =>
      milterComplaints(sendmail.log().slice(seen)).filter((line) => /to error state$/.test(line));
    await until(() => failures().length >= those.length);
  };

  /** Each front lets a client in, and nothing is said against the filter. */
  const assertServed = async (those: readonly Front[], field: RegExp): Promise<void> => {
    const seen = sendmail.log().length;
    for (const { id, at, said } of await Promise.all(
      those.map(({ port }) => clients.send(port, "connect", nothing)),
    )) {
      assert.equal(at, null, said);
      assert.match((await clients.delivered(id)).bytes.toString("latin1"), field);
    }
    assert.deepEqual(milterComplaints(sendmail.log().slice(seen)), []);
  };
  const assertJudged = (): Promise<void> => assertServed(fronts, /^X-Postern: .*action=accept/m);

  /** Does it once, when all clients have come to it. */
  const together = (action: () => void | Promise<void>): (() => Promise<void>) => {
    let arrived = 0;
    let done: Promise<void> | undefined;
    return () => {
      arrived += 1;
      done ??= until(() => arrived === fronts.length).then(action);
      return done;
    };
  };
  const kill = async (): Promise<void> => {
    rig.daemon().kill("SIGKILL");
    await rig.daemon().ended;
  };

  test("all is well: eight ports, four flags, two kinds of socket", assertJudged);

  for (const phase of ["connect", "mail", "rcpt", "data", "message"] as const)
    test(`the daemon is killed: ${phase}`, async () => {
      const strike = together(kill);
      await strikeAll(fronts, phase, (port) => clients.send(port, phase, strike));
      await rig.restart();
      await assertJudged();
    });

  for (const phase of ["connect", "mail", "message"] as const)
    test(`the daemon is frozen: ${phase}; thawed, it serves on`, async () => {
      const strike = together(() => rig.daemon().kill("SIGSTOP"));
      await strikeAll(fronts, phase, (port) => clients.send(port, phase, strike));
      rig.daemon().kill("SIGCONT");
      await assertJudged();
    });

  test("the daemon is killed and started again between two messages of a session", async () => {
    const strike = together(async () => {
      await kill();
      await rig.restart();
    });
    await strikeAll(fronts, "mail", async (port) => {
      const [first, second] = await clients.sendTwice(port, strike);
      assert.ok(first && second);
      assert.equal(first.at, null, first.said);
      const { bytes } = await clients.delivered(first.id);
      assert.match(bytes.toString("latin1"), /^X-Postern: /m);
      return second;
    });
    await assertJudged();
  });

  test("SIGTERM: who is in a session is judged to its end, and no flag is needed", async () => {
    const seen = sendmail.log().length;
    const strike = together(() => rig.daemon().kill("SIGTERM"));
    const outcomes = await Promise.all(
      fronts.map(({ port }) => clients.send(port, "rcpt", strike)),
    );
    for (const { id, at, said } of outcomes) {
      assert.equal(at, null, said);
      assert.match((await clients.delivered(id)).bytes.toString("latin1"), /^X-Postern: /m);
    }
    assert.equal(await rig.daemon().ended, 0);
    assert.deepEqual(milterComplaints(sendmail.log().slice(seen)), []);
    await rig.restart();
    await assertJudged();
  });

  for (const { name, react, at } of troubles)
    for (const [letter, told] of at)
      test(`a milter ${name}: ${letter}`, async () => {
        broken.breakAt(letter, react);
        await strikeAll(brokenFronts, told, (port) => clients.send(port, "connect", nothing));
      });

  test("what is not a milter announces 4 GB: nobody is told yes for it but without F=", async () => {
    broken.breakAt("O", says("ffffffff63"));
    const outcomes = await Promise.all(
      brokenFronts.map(({ port }) => clients.send(port, "connect", nothing)),
    );
    for (const [at, outcome] of outcomes.entries()) {
      // The process of 8.17.1.9 for this client ends, and nobody is answered at all.
      if (outcome.at === "greeting" && outcome.line === null) continue;
      const { flag } = brokenFronts[at] ?? assert.fail();
      const expected = flag === "" ? [null, null] : shown[flag].connect;
      assert.deepEqual([outcome.at, outcome.line], expected, outcome.said);
    }
  });

  test("after all that, the same Sendmail serves", async () => {
    broken.mend();
    await assertServed(brokenFronts, /^Received: /m);
    await assertJudged();
  });

  test("no mail that a client saw accepted is missing or changed, none that was refused came", () =>
    clients.settle());
};

testInNamespace("a daemon in trouble under a real Sendmail", import.meta.filename, define, [
  "sendmail",
]);
