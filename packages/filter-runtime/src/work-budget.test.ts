import assert from "node:assert/strict";
import { test } from "node:test";
import { type Resolver, resolverOf } from "@postern/dns";
import { MessageCheck } from "@postern/mail-auth";
import { signMessage, testKey } from "@postern/mail-auth/testing";
import {
  type Answer,
  type Client,
  type Connection,
  parseIpAddress,
  parseMailbox,
  parseNetwork,
} from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";
import type { Settings } from "./settings.ts";
import { openSources } from "./sources/open-sources.ts";
import { client, policy, type Rig, rig, to } from "./testing/conversation-rig.ts";
import { openWorkBudget, type Spend, WORK_LIMITS } from "./work-budget.ts";

const LIMITS = { sessionMs: 100, networkMs: 250 };
/** The longest SPF record that is read: 8 KiB of terms, for each MAIL. */
const RECORD = `v=spf1${" ip4:198.51.100.7".repeat(400)} -all`;
const resolver = resolverOf(async (_, type) =>
  type === "TXT" ? { status: "found", value: [RECORD] } : { status: "none", reason: "nodata" },
);

/** A conversation over a DNS whose records cost much, under {@link LIMITS}. */
function costly(change: Partial<Settings> = {}): Rig {
  const clock = fakeClock();
  const sources = openSources({
    resolver,
    resolverFor: () => resolver,
    scores: { lookUp: async () => [] } as never,
    clock,
    state: () => "up",
  });
  const made = rig({
    clock,
    sources,
    workBudget: openWorkBudget(clock),
    workLimits: LIMITS,
    ...change,
  });
  return { ...made, clock };
}

async function hello(connection: Connection): Promise<Connection> {
  await connection.greet();
  await connection.hello("mail.example.com");
  return connection;
}

/** MAIL again and again until the answer is not `continue`; each waits for what it looks up. */
async function mailUntilRefused(connection: Connection, most = 500): Promise<[Answer, number]> {
  for (let count = 1; count <= most; count += 1) {
    const { answer, transaction } = await connection.mail(
      parseMailbox(`<a@d${count}.example>`),
      [],
    );
    if (answer.kind !== "continue") return [answer, count];
    const told = await transaction?.rcpt(to);
    if (told?.kind === "refuse" && told.ends === "session") return [told, count];
    await transaction?.message().end();
    transaction?.ended("aborted");
  }
  return [{ kind: "continue" }, most];
}

test("work budget: a session whose mail costs too much is told 421 and ends, once in the log", async () => {
  const { open, lines } = costly({ policy: { ...policy, rules: {} } });
  const connection = await hello(open(client));
  const [answer, count] = await mailUntilRefused(connection);
  assert.ok(answer.kind === "refuse");
  assert.equal(answer.ends, "session");
  assert.equal(answer.reply.code, 421);
  assert.equal(answer.reply.enhanced, "4.7.0");
  assert.ok(count > 5 && count < 100, `after ${count} MAIL`);
  const again = await connection.mail(parseMailbox("<a@b.example>"), []);
  assert.equal(again.answer.kind, "refuse");
  assert.equal((await connection.hello("x.example")).kind, "refuse");
  const told = lines.filter((line) => line.includes("rule=fault.budget"));
  assert.equal(told.length, 1, lines.join("\n"));
  assert.match(told[0] ?? "", /action=tempfail .*result="421 4\.7\.0 /);
});

test("work budget: over it, nothing more is asked of the DNS", async () => {
  let asked = 0;
  const counting: Resolver = {
    ask: (name, type) => {
      asked += 1;
      return resolver.ask(name, type);
    },
  };
  const clock = fakeClock();
  const sources = openSources({
    resolver: counting,
    resolverFor: () => counting,
    scores: { lookUp: async () => [] } as never,
    clock,
    state: () => "up",
  });
  const { open } = costly({ sources, policy: { ...policy, rules: {} } });
  const connection = await hello(open(client));
  await mailUntilRefused(connection);
  const before = asked;
  for (let n = 0; n < 50; n += 1) await connection.mail(parseMailbox(`<a@e${n}.example>`), []);
  assert.ok(before > 10);
  assert.equal(asked, before);
});

test("work budget: it comes back within a minute", async () => {
  const { open, clock } = costly({ policy: { ...policy, rules: {} } });
  const [first] = await mailUntilRefused(await hello(open(client)));
  assert.equal(first.kind, "refuse");
  await clock.advance(120_000);
  const { answer } = await (await hello(open(client))).mail(parseMailbox("<a@b.example>"), []);
  assert.equal(answer.kind, "continue");
});

test("work budget: many sessions of a /24 have one budget together, and the next /24 its own", async () => {
  const { open } = costly({ policy: { ...policy, rules: {} } });
  const of = (text: string): Client => ({ ...client, address: parseIpAddress(text) ?? null });
  const counts: number[] = [];
  for (let n = 1; n <= 6; n += 1) {
    const connection = open(of(`192.0.2.${n}`));
    const greeted = await connection.greet();
    if (greeted.kind === "refuse") counts.push(0);
    else {
      await connection.hello("mail.example.com");
      counts.push((await mailUntilRefused(connection))[1]);
    }
  }
  assert.ok((counts[0] ?? 0) > 5, counts.join(" "));
  assert.deepEqual(counts.slice(3), [0, 0, 0], counts.join(" "));
  assert.equal((await open(of("192.0.3.1")).greet()).kind, "continue");
});

test("work budget: a site with a /64 for each session has one budget, and the next /48 its own", async () => {
  const { open } = costly({ policy: { ...policy, rules: {} } });
  const of = (text: string): Client => ({ ...client, address: parseIpAddress(text) ?? null });
  const refusals: boolean[] = [];
  for (let n = 1; n <= 6; n += 1) {
    const connection = open(of(`2001:db8:1:${n}::25`));
    refusals.push((await connection.greet()).kind === "refuse");
    if (refusals.at(-1)) continue;
    await connection.hello("mail.example.com");
    await mailUntilRefused(connection);
  }
  assert.equal(refusals[0], false);
  assert.deepEqual(refusals.slice(3), [true, true, true], refusals.join(" "));
  assert.equal((await open(of("2001:db8:2:1::25")).greet()).kind, "continue");
});

test("work budget: in observe mode it is logged with would=, and nobody is told", async () => {
  const { open, lines } = costly({ policy: { ...policy, mode: "observe", rules: {} } });
  const [answer] = await mailUntilRefused(await hello(open(client)), 100);
  assert.equal(answer.kind, "continue");
  const told = lines.filter((line) => line.includes("rule=fault.budget"));
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /action=accept .*would=tempfail mode=observe/);
});

test("work budget: none for a trusted client", async () => {
  const network = parseNetwork("192.0.2.0/24");
  assert.ok(network);
  const { open } = costly({ trusted: [network] });
  const [answer] = await mailUntilRefused(await hello(open(client)), 100);
  assert.equal(answer.kind, "continue");
});

test("work budget: none for who authenticated", async () => {
  const { open } = costly({ policy: { ...policy, rules: {} } });
  const connection = await hello(open(client));
  connection.authenticated("user");
  const [answer] = await mailUntilRefused(connection, 100);
  assert.equal(answer.kind, "continue");
});

/** What is noted of one message, by its kind. */
async function workOf(message: string, bodyBytes = 0): Promise<Readonly<Record<string, number>>> {
  const noted: Record<string, number> = {};
  const spend: Spend = (work, amount) => {
    noted[work] = (noted[work] ?? 0) + amount;
  };
  const check = new MessageCheck({ resolver, clock: fakeClock(), onWork: spend });
  const split = message.indexOf("\r\n\r\n");
  for (const field of message.slice(0, split).split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(":");
    check.header(Buffer.from(field.slice(0, colon)), Buffer.from(field.slice(colon + 1)));
  }
  const chunk = Buffer.alloc(65_536, "x");
  for (let sent = 0; sent < bodyBytes; sent += chunk.length) check.body(chunk);
  await check.end(undefined);
  return noted;
}

const plain = "From: a@a.example\r\nSubject: x\r\n\r\nbody\r\n";
const signed = (count: number): string =>
  Array.from({ length: count }).reduce<string>(
    (message) =>
      signMessage(message, {
        key: testKey("rsa-2048"),
        domain: "a.example",
        selector: "s",
      } as never),
    plain,
  );

test("work budget: eight signatures are five verified, over the header each", async () => {
  const work = await workOf(signed(8));
  assert.equal(work["signature"], 5);
  assert.equal(work["field"], 10 * 6);
  assert.equal((await workOf(plain))["signature"] ?? 0, 0);
});

test("work budget: 1,000 recipients and 100 messages of 25 MB with eight signatures fit into a session of one minute", async () => {
  const session = openWorkBudget(fakeClock()).session("192.0.2", WORK_LIMITS);
  const work = await workOf(signed(8), 25 * 2 ** 20);
  for (let n = 0; n < 100; n += 1) {
    // Signatures of two kinds, each with a hash of its own.
    session.spend("bodyKiB", 25 * 1_024);
    session.spend("question", 40);
    session.spend("recordKiB", 8);
    for (const [kind, amount] of Object.entries(work)) session.spend(kind as never, amount);
  }
  session.spend("command", 1_300);
  assert.equal(session.isSpent(), false);
  session.spend("bodyKiB", 100 * 25 * 1_024 * 2);
  assert.equal(session.isSpent(), true);
});
