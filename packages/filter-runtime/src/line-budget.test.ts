import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Answer, parseMailbox } from "@postern/smtp-filter";
import { client, name, policy, rcpt, reply, rig } from "./testing/conversation-rig.ts";

const withIds = { ...policy, replyId: true };
const recipient = (index: number) => parseMailbox(`<u${index}@example.org>`);

function idTold(answer: Answer): string {
  assert.ok(answer.kind === "refuse");
  return /\[([0-9a-f]{16})\]$/.exec(answer.reply.text)?.[1] ?? assert.fail(answer.reply.text);
}

/** The first words of all lines. */
const idsOf = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.map((line) => line.split(" ", 1)[0] ?? ""));

test("a session that is refused 5,000 recipients has 100 lines, and one that counts the rest", async () => {
  const it = rig({ policy: withIds });
  const { connection, transaction, answer } = await rcpt(it);
  const told = [idTold(answer)];
  for (let index = 1; index < 5_000; index += 1) {
    told.push(idTold(await transaction.rcpt(parseMailbox(`<${"\xff".repeat(500)}@example.org>`))));
  }
  assert.equal(it.lines.length, 100);
  connection.close("quit");
  assert.equal(it.lines.length, 101);
  assert.ok(it.lines.join("\n").length < 101 * 1_025);
  assert.match(
    it.lines.at(-1) ?? "",
    /^[0-9a-f]{16} postfix session address=192\.0\.2\.7 rdns=<none> helo=mail\.example\.com from=<a@example\.com> refused=4900 refusals=reject:rdns\.none:4900$/,
  );
  // Whoever quotes the id of his refusal finds a line that names him.
  const written = idsOf(it.lines);
  assert.ok(told.every((id) => written.has(id)));
  assert.equal(new Set(told).size, 101);
});

test("a session of up to 100 refusals has a line for each, and none that counts", async () => {
  const it = rig();
  const { connection, transaction } = await rcpt(it);
  for (let index = 1; index < 100; index += 1) await transaction.rcpt(recipient(index));
  connection.close("quit");
  assert.equal(it.lines.length, 100);
  assert.ok(it.lines.every((line) => line.includes(" action=reject ")));
});

test("what a session of hours is refused is counted once a minute, and each id is found", async () => {
  const it = rig({ policy: withIds });
  const { connection, transaction, answer } = await rcpt(it);
  const told = [idTold(answer)];
  for (let index = 1; index < 1_000; index += 1) {
    if (index % 100 === 0) await it.clock.advance(30_000);
    told.push(idTold(await transaction.rcpt(recipient(index))));
  }
  connection.close("quit");
  const counted = it.lines.slice(100).map((line) => Number(/ refused=(\d+) /.exec(line)?.[1]));
  assert.equal(
    counted.reduce((sum, one) => sum + one, 0),
    900,
  );
  assert.equal(counted.length, 5, it.lines.slice(100).join("\n"));
  const written = idsOf(it.lines);
  assert.ok(told.every((id) => written.has(id)));
});

test("messages that are refused count, those that are accepted always have their line", async () => {
  const isRefused = { reply: reply("550 5.7.1 no"), kind: "final", debt: 10 } as const;
  const it = rig(
    { policy: { ...withIds, rules: { "format.no-date": isRefused } } },
    { status: "found", value: name },
  );
  const { connection, transaction } = await rcpt(it);
  const send = async (header: string) => {
    const message = transaction.message();
    message.header(Buffer.from(header), Buffer.from(" Tue, 24 Nov 2026 12:00:00 +0000\r\n"));
    return await message.end("q");
  };
  for (let index = 0; index < 150; index += 1) {
    const told = await send("Subject");
    assert.equal(told.kind, "refuse");
  }
  for (let index = 0; index < 30; index += 1) assert.equal((await send("Date")).kind, "deliver");
  const last = await send("Subject");
  connection.close("quit");
  const accepted = it.lines.filter((line) => line.includes(" action=accept "));
  assert.deepEqual([accepted.length, idsOf(accepted).size, it.lines.length], [30, 30, 131]);
  assert.match(it.lines.at(-1) ?? "", / session .* refused=51 refusals=reject:format\.no-date:51$/);
  assert.ok(last.kind === "refuse" && idsOf(it.lines).has(idTold(last)));
});

test("refusals are counted by action and rule, the most frequent first, in one line of at most 1 KiB", async () => {
  const rules = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`very.long-name-of-a-rule-${index}`, index]),
  );
  const { LineBudget } = await import("./line-budget.ts");
  const { formatCountLine } = await import("./count-line.ts");
  const budget = new LineBudget({ nowMs: () => 0 }, () => "00000000000000aa");
  for (let index = 0; index < 100; index += 1) budget.spend();
  const id = budget.refusalId();
  for (const [rule, times] of Object.entries(rules)) {
    for (let index = 0; index <= times; index += 1) budget.count(id, { action: "tempfail", rule });
  }
  const counted = budget.takeAll() ?? assert.fail();
  const entry = {
    ...{ ...counted, mta: "exim" as const, stage: "session" as const, from: null },
    ...{ address: client.address, reverseName: undefined, helo: "\xff".repeat(9_999) },
  };
  const line = formatCountLine(entry);
  assert.ok(line.length <= 1_024, `${line.length}`);
  assert.match(
    line,
    / refused=1830 refusals=tempfail:very\.long-name-of-a-rule-59:60,tempfail:very\S+-58:59,\S+,\+\d+$/,
  );
  const page = readFileSync(join(import.meta.dirname, "../../../docs/log.md"), "utf8");
  for (const [, field = ""] of line.matchAll(/ ([a-z-]+)=/g)) {
    assert.ok(page.includes(`\`${field}\``), field);
  }
});

test("faults of our own are announced ten times a session", async () => {
  const it = rig({
    sources: {
      ...rig().settings.sources,
      reverseName: () => {
        throw new Error("bug");
      },
    },
  });
  const { transaction } = await rcpt(it);
  for (let index = 0; index < 50; index += 1) await transaction.rcpt(recipient(index));
  assert.equal(it.faults.length, 10);
});
