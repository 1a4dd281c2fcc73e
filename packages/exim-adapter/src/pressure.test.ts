import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteAccount } from "@postern/smtp-filter/serve";
import { CLIENT, eximCopy, line, spamd } from "./testing/requests.ts";
import {
  type Peer,
  type ScriptedServer,
  scriptedServer,
  until,
} from "./testing/scripted-server.ts";

const FAILURES: ReadonlySet<string> = new Set(["handler-error", "deadline", "internal-error"]);

const MIB = 1 << 20;
const MAIL = { helo: "mail.x.test", from: "a@x.test" };
const ACCEPT = /^v=1 a=accept /;
const COPY = eximCopy(`${"X: value\n".repeat(200)}\n${"body\n".repeat(4000)}`);

/** One message, each of an SMTP session of its own. */
class Letter {
  readonly #text: string;
  readonly #peer: Peer;

  private constructor(text: string, peer: Peer) {
    this.#text = text;
    this.#peer = peer;
  }

  /** The first half of it. */
  static async begin(filter: ScriptedServer, session: number): Promise<Letter> {
    const letter = new Letter(
      spamd({ ...MAIL, session: `${session}.9` }, COPY),
      await filter.connect(),
    );
    await letter.#peer.write(letter.#text.slice(0, letter.#text.length / 2));
    return letter;
  }

  /** The other half; the answer. */
  async end(): Promise<string> {
    this.#peer.socket.end(this.#text.slice(this.#text.length / 2), "latin1");
    return await this.#peer.answer;
  }
}

/** A message that is announced as a large one, as far as its bytes here. */
function large(session: number, bytes: string): string {
  const head = spamd({ ...MAIL, session: `${session}.1` }, "");
  return head.replace("Content-length: 0", `Content-length: ${60 * MIB}`).concat(bytes);
}

function begin(filter: ScriptedServer, count: number): Promise<Letter[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => Letter.begin(filter, i)));
}

const greedy: readonly { name: string; bytes: (session: number) => string }[] = [
  { name: "a head", bytes: () => `REPORT SPAMC/1.2\r\nUser: ${"x".repeat(MIB / 2)}` },
  {
    name: "the envelope in a copy",
    bytes: (session) => large(session, `From x\nX-Envelope-To: ${"x@y.test, ".repeat(MIB / 20)}`),
  },
  {
    name: "header fields",
    bytes: (session) => large(session, eximCopy(`X: ${"x".repeat(1000)}\n`.repeat(500))),
  },
  {
    name: "one field of empty lines",
    bytes: (session) => large(session, eximCopy(`X: y\n${" \n".repeat(5_000)}`)),
  },
];

for (const { name, bytes } of greedy) {
  test(`attack: ${name} without end stays within the bound, and honest mail goes on`, async () => {
    const account = new ByteAccount(8 * MIB);
    await using filter = await scriptedServer({}, { account });
    const honest = await begin(filter, 10);
    const attackers = await Promise.all(Array.from({ length: 40 }, () => filter.connect()));
    for (const [i, { socket }] of attackers.entries()) socket.write(bytes(i), "latin1");
    await until(() => {
      assert.ok(account.usedBytes <= account.maxBytes);
      return filter.server.count("evicted") >= 15;
    });
    for (const letter of honest) assert.match(await letter.end(), /a=accept/);
    const failures = filter.events.filter(({ kind }) => FAILURES.has(kind)).length;
    const evicted = filter.server.count("evicted");
    assert.deepEqual([failures, evicted < 40], [0, true]);
    for (const { socket } of attackers) socket.destroy();
    await until(() => filter.server.open === 0);
    assert.equal(account.usedBytes, 0);
  });
}

test("who is put out while the port is asked is given up at once", async () => {
  const account = new ByteAccount(2 * MIB);
  const never = { greet: () => new Promise<never>(() => {}) };
  await using filter = await scriptedServer(never, { account });
  using peer = await filter.connect();
  const to = ["x@y.test, ".repeat(30_000)];
  peer.socket.write(spamd(MAIL, eximCopy("A: 1\n\nx\n", { to })), "latin1");
  await until(() => filter.calls.includes("greet"));
  assert.ok(account.usedBytes >= 300_000);
  const others = Array.from({ length: 10 }, () => account.open(() => assert.fail("it holds less")));
  for (const other of others) other.set(209_700);
  // The clock stands still: no deadline ends it.
  assert.equal(await peer.answer, "");
  await until(() => filter.calls.includes("close aborted"));
  assert.equal(filter.server.count("evicted"), 1);
});

test("attack: remembered sessions with many recipients are forgotten, the greediest first", async () => {
  const sessionAccount = new ByteAccount(64 * 1024);
  await using filter = await scriptedServer({}, { sessionAccount });
  const ask = (session: string, rcpt: string) =>
    filter.ask(line("rcpt", { ...MAIL, session: `${session}.1`, rcpt }));
  assert.match(await ask("honest", "b@y.test"), ACCEPT);
  for (let session = 0; session < 20; session += 1)
    for (let to = 0; to < 10; to += 1) {
      assert.match(await ask(`${session}`, `${"x".repeat(500)}${to}@y.test`), ACCEPT);
      assert.ok(sessionAccount.usedBytes <= sessionAccount.maxBytes);
    }
  assert.ok(filter.server.sessions().evicted > 0);
  const { resumed } = filter.server.sessions();
  assert.match(await ask("honest", "c@y.test"), ACCEPT);
  assert.equal(filter.server.sessions().resumed, resumed + 1);
});

test("a session that is forgotten while it is asked about still answers", async () => {
  const sessionAccount = new ByteAccount(1000);
  const answers: (() => void)[] = [];
  await using filter = await scriptedServer(
    {
      rcpt: (to) =>
        to.startsWith("b@")
          ? new Promise((resolve) => answers.push(() => resolve({ kind: "continue" })))
          : Promise.resolve({ kind: "continue" }),
    },
    { sessionAccount },
  );
  const first = { ...MAIL, session: "1.1" };
  assert.match(
    await filter.ask(line("rcpt", { ...first, rcpt: `${"a".repeat(600)}@y.test` })),
    ACCEPT,
  );
  const waiting = filter.ask(line("rcpt", { ...first, rcpt: "b@y.test" }));
  await until(() => answers.length === 1);
  const other = { ...MAIL, session: "2.1", rcpt: `${"c".repeat(300)}@y.test` };
  assert.match(await filter.ask(line("rcpt", other)), ACCEPT);
  assert.equal(filter.server.sessions().evicted, 1);
  assert.ok(!filter.calls.includes("close lost"));
  answers[0]?.();
  assert.match(await waiting, ACCEPT);
  await until(() => filter.calls.includes("close lost"));
  assert.ok(sessionAccount.usedBytes <= 1000);
});

test("attack: silent connections take at most half of the places, and none of who speaks", async () => {
  await using filter = await scriptedServer({}, { maxConnections: 40 });
  const proved = await begin(filter, 15);
  await until(() => filter.calls.filter((call) => call === "message").length === proved.length);
  const silent: Peer[] = [];
  for (let i = 0; i < 400; i += 1) {
    silent.push(await filter.connect());
    assert.ok(filter.server.open <= 40);
  }
  for (let i = 0; i < 20; i += 1)
    assert.match(await filter.ask(line("connect", { ...CLIENT, session: `${i}.2` })), ACCEPT);
  for (const letter of proved) assert.match(await letter.end(), /a=accept/);
  filter.clock.advanceNow(30_000);
  await Promise.all(silent.map(({ answer }) => answer));
  const displaced = filter.server.count("displaced");
  const overLimit = filter.server.count("over-limit");
  const slowPeers = filter.server.count("peer-deadline");
  assert.deepEqual([displaced + slowPeers, overLimit, slowPeers <= 20], [400, 0, true]);
});
