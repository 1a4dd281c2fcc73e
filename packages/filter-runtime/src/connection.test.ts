import assert from "node:assert/strict";
import { test } from "node:test";
import { EVIDENCE_KINDS, MODES, type Weights } from "@postern/filter-core";
import { type IpAddress, parseMailbox, parseNetwork } from "@postern/smtp-filter";
import { settle } from "@postern/smtp-filter/testing";
import { createOpen } from "./connection.ts";
import { type MarkKey, readMarkKey } from "./history/mark-key.ts";
import type { Settings } from "./settings.ts";
import { UNHEARD } from "./sources/heard.ts";
import { tarpitPlaces } from "./tarpit-places.ts";
import { client, name, policy, rcpt, reply, rig, to } from "./testing/conversation-rig.ts";

for (const [reverse, kind] of [
  [{ status: "none" }, "refuse"],
  [{ status: "temperror", detail: "timeout" }, "continue"],
  [{ status: "found", value: name }, "continue"],
] as const) {
  test(`connection: a reverse lookup that ends as ${reverse.status} gives ${kind} at RCPT`, async () => {
    const { answer } = await rcpt(rig({}, reverse));
    assert.equal(answer.kind, kind);
  });
}

test("connection: one log line for each refused recipient", async () => {
  const it = rig();
  const { transaction } = await rcpt(it);
  await transaction.rcpt(parseMailbox("<c d@example.org>"));
  assert.equal(it.lines.length, 2);
  assert.match(
    it.lines[1] ?? "",
    /to=<c\\x20d@example\.org> action=reject rule=rdns\.none debt=10/,
  );
});

test("connection: authenticated, trusted and local clients are not judged", async () => {
  const network = parseNetwork("192.0.2.0/24");
  assert.ok(network);
  assert.equal((await rcpt(rig(), client, "carol")).answer.kind, "continue");
  assert.equal((await rcpt(rig({ trusted: [network] }))).answer.kind, "continue");
  assert.equal((await rcpt(rig(), { ...client, origin: "local" })).answer.kind, "continue");
});

test("connection: on a submission port nothing is judged before MAIL", async () => {
  const it = rig({
    submission: { ports: [587], daemonNames: [] },
    policy: { ...policy, refuseAt: "connect" },
  });
  const connection = it.open({ ...client, localPort: 587, mta: { name: "exim", version: null } });
  assert.equal((await connection.greet()).kind, "continue");
  assert.equal((await connection.hello("x.example")).kind, "continue");
  assert.equal((await connection.mail("null-sender", [])).answer.kind, "refuse");
});

test("connection: under refuseAt connect Postfix is told at HELO, Exim at once; from MAIL on 421 is 451", async () => {
  const article = {
    ...policy,
    refuseAt: "connect",
    rules: { "rdns.none": { kind: "hard", debt: 0, reply: reply("421 you must have rDNS") } },
  } as const;
  const atHelo = rig({ policy: article });
  const connection = atHelo.open(client);
  assert.equal((await connection.greet()).kind, "continue");
  const told = await connection.hello("mail.example.com");
  assert.ok(told.kind === "refuse" && told.reply.code === 421);
  assert.match(atHelo.lines[0] ?? "", /^0{15}\d postfix helo /);
  const exim = rig({ policy: article }).open({ ...client, mta: { name: "exim", version: null } });
  assert.equal((await exim.greet()).kind, "refuse");
  const silent = rig({ policy: article }).open(client);
  await silent.greet();
  const { answer, transaction } = await silent.mail("null-sender", []);
  assert.ok(answer.kind === "refuse" && answer.reply.code === 451 && transaction === undefined);
});

for (const [onFailure, kind] of [
  ["accept", "continue"],
  ["tempfail", "refuse"],
] as const) {
  test(`connection: a lookup that never ends is answered at the deadline, onFailure ${onFailure}`, async () => {
    const it = rig({ onFailure });
    const settings = {
      ...it.settings,
      sources: { ...it.settings.sources, reverseName: () => new Promise<never>(() => {}) },
    };
    const connection = createOpen(() => settings)(client);
    await connection.greet();
    await connection.hello("mail.example.com");
    const { transaction } = await connection.mail("null-sender", []);
    assert.ok(transaction);
    const pending = transaction.rcpt(to);
    await settle();
    await it.clock.advance(8000);
    assert.equal((await pending).kind, kind);
    assert.deepEqual(it.faults, ["late"]);
  });

  test(`connection: a source that throws is our failure, onFailure ${onFailure}`, async () => {
    const it = rig({ onFailure });
    const broken = async (): Promise<never> => {
      throw new TypeError("bug");
    };
    const settings = { ...it.settings, sources: { ...it.settings.sources, scores: broken } };
    const { answer } = await rcpt({ ...it, open: createOpen(() => settings) });
    assert.equal(answer.kind, kind);
    assert.deepEqual(it.faults, ["failed"]);
  });
}

test("connection: onDnsDown tempfail asks senders to come back while the resolver is down", async () => {
  const it = rig({ onDnsDown: "tempfail" }, { status: "temperror", detail: "resolver down" });
  const settings = {
    ...it.settings,
    sources: { ...it.settings.sources, resolver: () => "down" as const },
  };
  const { answer } = await rcpt({ ...it, open: createOpen(() => settings) });
  assert.ok(
    answer.kind === "refuse" && answer.reply.code === 451 && answer.reply.enhanced === "4.4.3",
  );
});

test("connection: onDnsDown tempfail, where a list alone could not be asked", async () => {
  const it = rig({ onDnsDown: "tempfail" }, { status: "found", value: name });
  const result = { status: "temperror", detail: "resolver down" } as const;
  const lists = [{ zone: "list.test", operator: "x", url: null, result }];
  const settings = {
    ...it.settings,
    sources: {
      ...it.settings.sources,
      lists: async () => ({ ...UNHEARD, facts: lists }),
      resolver: () => "down" as const,
    },
  };
  const { answer } = await rcpt({ ...it, open: createOpen(() => settings) });
  assert.ok(answer.kind === "refuse" && answer.reply.enhanced === "4.4.3");
});

test("connection: slowFactor 5000 and score 20 wait 4 s, at most 8 s, and end when the client leaves", async () => {
  const slow = { ...policy, slowFactorMs: 5000 };
  const it = rig({ policy: slow }, { status: "found", value: name });
  const facts = [{ zone: "z", result: { status: "found", value: 20 } as const }];
  const scores = async () => ({ ...UNHEARD, facts });
  const settings = { ...it.settings, sources: { ...it.settings.sources, scores } };
  const connection = createOpen(() => settings)(client);
  let isAnswered = false;
  const greeting = connection.greet().then((answer) => {
    isAnswered = true;
    return answer;
  });
  await settle();
  await it.clock.advance(3999);
  assert.equal(isAnswered, false);
  await it.clock.advance(1);
  assert.equal((await greeting).kind, "continue");
  const hello = connection.hello("mail.example.com");
  await settle();
  connection.close("lost");
  assert.equal((await hello).kind, "continue");
});

test("slow clients: places are limited, and given back once", () => {
  const places = tarpitPlaces(1);
  const giveBack = places.take();
  assert.ok(giveBack);
  assert.equal(places.take(), undefined);
  giveBack();
  giveBack();
  assert.ok(places.take());
  assert.equal(places.take(), undefined);
});

test("message: forged fields go, from the highest down; ours come on top, the topmost last", async () => {
  const it = rig({}, { status: "found", value: name });
  const { transaction } = await rcpt(it);
  const message = transaction.message();
  await message.begun();
  const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
  message.header(bytes("authentication-results"), bytes(" mx.example.org; spf=pass"));
  message.header(bytes("Authentication-Results"), bytes(" elsewhere.example; spf=pass"));
  message.header(bytes("AUTHENTICATION-RESULTS "), bytes(" (a) MX.Example.Org. 1;\n dkim=pass"));
  const final = await message.end();
  assert.ok(final.kind === "deliver");
  assert.deepEqual(
    final.edits.map((edit) => [edit.kind, edit.name, edit.kind === "remove" ? edit.ordinal : 0]),
    [
      ["remove", "Authentication-Results", 3],
      ["remove", "Authentication-Results", 1],
      ["insert", "X-Postern", 0],
      ["insert", "Authentication-Results", 0],
    ],
  );
  assert.match(it.lines[0] ?? "", /message .*action=accept rule=- .*result="250" rules=-/);
});

test("Connection: an address that hides the client is not looked up, and nothing is held against it", async () => {
  const asked: string[] = [];
  const hidden = rig({ addressGuard: { isTheirs: () => false } });
  const { sources } = hidden.settings;
  const settings = {
    ...hidden.settings,
    sources: {
      ...sources,
      reverseName: async (address: IpAddress) => {
        asked.push(address);
        return sources.reverseName(address);
      },
    },
  };
  const { answer } = await rcpt({ ...hidden, open: createOpen(() => settings) });
  assert.equal(answer.kind, "continue");
  assert.deepEqual(asked, []);
});

for (const [doubt, kind] of [
  [undefined, "deliver"],
  ["the seal is older than 7 days", "refuse"],
] as const) {
  test(`connection: a sealer the site believes, ${doubt ?? "nothing in doubt"}: ${kind}`, async () => {
    const found = {
      header: {
        author: { status: "one", domain: name } as const,
        organization: null,
        hasReceived: false,
        namedDomain: null,
        replyTo: null,
        hasMessageId: true,
        date: null,
        hasListId: false,
        hasListPost: false,
        hasHttpsUnsubscribe: false,
        hasOneClick: false,
      },
      dkim: [],
      arc: {
        result: "pass",
        sealers: [name],
        sealedPasses: ["dmarc"],
        ...(doubt === undefined ? {} : { doubt }),
      } as const,
      dmarc: { result: "fail", policy: "reject", domain: name } as const,
    };
    const { settings } = rig();
    const it = rig(
      {
        policy: {
          ...policy,
          rules: {
            "dmarc.reject": { kind: "weighed", debt: 10, reply: reply("550 5.7.26 forged") },
          },
        },
        forwarders: { clients: [], sealers: [name] },
        sources: {
          ...settings.sources,
          checkMessage: () => ({ header() {}, body: () => "enough", end: async () => found }),
        },
      },
      { status: "found", value: name },
    );
    const { transaction } = await rcpt(it);
    const message = transaction.message();
    message.header(Buffer.from("From"), Buffer.from(" a@mail.example.com"));
    assert.equal((await message.end()).kind, kind);
  });
}

const ofHonest =
  /\n day=2026-11-24 address=192\.0\.2\.7 network=192\.0\.2\.0\/24 key=[0-9a-f]{8}\n proof=[0-9a-f]{32}$/;
const markKey = (): MarkKey | undefined =>
  readMarkKey({ k0: 0, k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, k7: 7 });
const each = Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, 1])) as Weights;
const reputation = { halfLifeDays: 30, weights: each, dailyCaps: each, sharedPools: [] };

async function markOf(change: Partial<Settings>, who = client, user?: string): Promise<string> {
  const { transaction } = await rcpt(rig(change, { status: "found", value: name }), who, user);
  const final = await transaction.message().end();
  assert.ok(final.kind === "deliver");
  const ours = final.edits.find((edit) => edit.kind === "insert" && edit.name === "X-Postern");
  return ours?.kind === "insert" ? ours.value : "";
}

for (const mode of MODES)
  test(`message: what is delivered in mode ${mode} says, with a proof, who sent it`, async () =>
    assert.match(await markOf({ markKey, policy: { ...policy, mode, reputation } }), ofHonest));

for (const mta of ["postfix", "sendmail", "opensmtpd", "exim", "notqmail", "milter"] as const)
  test(`message: so does what ${mta} delivers`, async () => {
    const who = { ...client, mta: { name: mta, version: null } };
    assert.match(await markOf({ markKey, policy: { ...policy, reputation } }, who), ofHonest);
  });

test("message: where nothing is learned nothing is proved, and an address that hides the client is not named", async () => {
  const learning = { ...policy, reputation };
  assert.match(await markOf({ policy: learning }), / rules=\S+$/);
  assert.match(await markOf({ markKey }), / rules=\S+$/);
  assert.equal(await markOf({ markKey, policy: learning }, client, "carol"), "");
  const addressGuard = { isTheirs: () => false };
  const hidden = await markOf({ markKey, policy: learning, addressGuard });
  assert.match(hidden, /\n day=2026-11-24 key=[0-9a-f]{8} proof=[0-9a-f]{32}$/);
});
