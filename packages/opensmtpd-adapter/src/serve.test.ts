import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Dialogue } from "./testing/dialogue.ts";
import { SpawnedFilter } from "./testing/spawned-filter.ts";

const LINES = ["Received: x", "Subject: a", "", "..body"];
const PLAIN = ["Received: x", "Subject: a", "", ".body"];
const SHORT = { engine: { hangMs: 1_000 }, commandDeadlineMs: 3_000 };

/** One message to this recipient; what came back of it, and the answer to commit. */
async function mail(filter: SpawnedFilter, d: Dialogue, to = "bob@example.org"): Promise<Mailed> {
  await filter.converse(d.mail(), d.rcpt(to), d.data(...LINES), d.request("commit"), d.committed());
  const commit = filter.smtpd.answers.at(-1)?.result;
  return { lines: filter.smtpd.messages.at(-1)?.lines ?? [], commit };
}

interface Mailed {
  readonly lines: readonly string[];
  readonly commit: string | undefined;
}

function assertSeen({ lines, commit }: Mailed): void {
  assert.match(lines[0] ?? "", /^X-Seen: \d+$/);
  assert.deepEqual([lines.slice(1), commit], [PLAIN, "proceed"]);
}

test("it registers, judges, and ends with 0 at the end of stdin", async () => {
  for (const filter of [new SpawnedFilter({}), await SpawnedFilter.onSocket()]) {
    await using _ = filter;
    await filter.until(() => filter.smtpd.isReady);
    const d = new Dialogue();
    await filter.converse(d.greeted());
    assertSeen(await mail(filter, d));
    await filter.converse(d.mail(), d.request("rcpt-to", "refuse@example.org"));
    assert.equal(filter.smtpd.answers.at(-1)?.result, "reject 550 5.7.1 refused");
    const before = performance.now();
    const { length } = filter.out;
    filter.close();
    assert.equal(await filter.exited, 0);
    assert.ok(performance.now() - before < 1_500);
    assert.equal(filter.out.length, length);
    assert.ok(filter.log.includes("engine ends"));
  }
});

test("case 26: signals do not end it, SIGHUP goes to the engine", async () => {
  await using filter = new SpawnedFilter({});
  await filter.enginePid();
  const d = new Dialogue();
  await filter.converse(d.greeted());
  for (const signal of ["SIGTERM", "SIGINT", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGHUP"] as const)
    filter.child.kill(signal);
  await filter.until(() => filter.log.includes("engine reloads"));
  assertSeen(await mail(filter, d));
  assert.equal(filter.log.filter((line) => /is ignored/.test(line)).length, 5);
  // A request that is open at the end is not answered any more.
  filter.say(d.mail()[0] ?? "");
  filter.say(d.request("rcpt-to", "never@example.org"));
  await filter.until(() => filter.smtpd.owed().length === 1);
  filter.close();
  assert.equal(await filter.exited, 0);
  assert.equal(filter.smtpd.owed().length, 1);
});

test("a SIGHUP that comes while the engine starts is not lost", async () => {
  await using filter = new SpawnedFilter({});
  await filter.until(() => filter.smtpd.isReady);
  filter.child.kill("SIGHUP");
  await filter.until(() => filter.log.includes("engine reloads"));
});

for (const [wish, why] of [
  ["crash", "exit 3"],
  ["abort", "SIGABRT"],
  ["die", "exit 1"],
  ["freeze", "exit SIGKILL"],
  ["spin", "no sign of life"],
  ["eat", "SIGABRT"],
] as const) {
  test(`case 23: an engine that is told to ${wish} is replaced, and mail goes on`, async () => {
    const execArguments = ["--conditions=source", "--max-old-space-size=40"];
    const engine = { ...SHORT.engine, execArguments };
    await using filter = new SpawnedFilter({ ...SHORT, engine });
    const first = await filter.enginePid();
    const [d, other] = [new Dialogue(), new Dialogue("0.7", "00000000000000b2")];
    await filter.converse(d.greeted(), other.greeted(), other.mail(), other.rcpt());
    filter.say(other.request("data"));
    filter.say(other.line("A: b"));
    assert.deepEqual(await mail(filter, d, `${wish}@example.org`), {
      lines: PLAIN,
      commit: "proceed",
    });
    assert.notEqual(await filter.enginePid(2), first);
    // What was held when it died goes back as it came.
    await filter.converse(other.line("."), other.request("commit"));
    assert.deepEqual(filter.smtpd.messages.at(-1)?.lines, ["A: b"]);
    assertSeen(await mail(filter, d));
    await filter.until(() => filter.log.some((line) => line.includes(why)));
  });
}

test("case 23: tempfail where the site wants it, and an engine that cannot be started", async () => {
  const engine = { modulePath: "/nonexistent/engine.js" };
  await using filter = new SpawnedFilter({ engine, onFailure: "tempfail" });
  await filter.until(() => filter.log.length > 0);
  const d = new Dialogue();
  await filter.converse(d.linkConnect(), d.connect());
  const later = "421 4.3.0 our filter has a problem, please try again later";
  assert.equal(filter.smtpd.answers.at(-1)?.result, `disconnect ${later}`);
  const local = new Dialogue("0.7", "00000000000000b2");
  await filter.converse(local.greeted("unix:/var/run/smtpd.sock", "localhost"));
  assert.deepEqual(await mail(filter, local), { lines: PLAIN, commit: "proceed" });
  filter.close();
  assert.equal(await filter.exited, 0);
});

test("case 31: a burst on stderr is cut down, and nothing of the engine's gets to smtpd", async () => {
  await using filter = new SpawnedFilter({});
  const d = new Dialogue();
  await filter.enginePid();
  await filter.converse(d.greeted());
  assertSeen(await mail(filter, d, "chatter@example.org"));
  await filter.until(() => filter.log.includes("line 100"));
  filter.close();
  assert.equal(await filter.exited, 0);
  assert.ok(filter.log.length < 3_000);
  for (const line of filter.log) assert.match(line, /^[\x20-\x7e]{1,910}$/);
});

test("case 16: a message of millions of empty lines does not keep others waiting", async (t) => {
  await using filter = new SpawnedFilter({});
  await filter.enginePid();
  const big = new Dialogue("0.7", "00000000000000ff");
  await filter.converse(big.greeted(), big.mail(), big.rcpt(), big.request("data"));
  const chunk = Buffer.from(`${big.line("")}\n`.repeat(10_000), "latin1");
  let isOver = false;
  const flood = (async () => {
    for (let i = 0; i < 300; i += 1)
      if (!filter.write(chunk))
        await new Promise((resolve) => filter.child.stdin?.once("drain", resolve));
    isOver = true;
  })();
  let slowestMs = 0;
  for (let i = 0; !isOver; i += 1) {
    const d = new Dialogue("0.7", `${1_000_000 + i}`.padStart(16, "0"));
    const startMs = performance.now();
    await filter.converse(d.greeted());
    slowestMs = Math.max(slowestMs, (performance.now() - startMs) / 2);
  }
  await flood;
  await filter.converse(big.line("."), big.request("commit"));
  assert.match(filter.smtpd.answers.at(-1)?.result ?? "", /^reject 552 /);
  t.diagnostic(`the slowest answer meanwhile took ${Math.round(slowestMs)} ms`);
  assert.ok(slowestMs < 2_000);
});

test("case 18: smtpd does not read for a while: memory stays, and all comes in the end", async () => {
  await using filter = new SpawnedFilter({ memoryBytes: 8 << 20 });
  await filter.enginePid();
  filter.child.stdout?.pause();
  const sessions = Array.from(
    { length: 10 },
    (_, i) => new Dialogue("0.7", `${100 + i}`.padStart(16, "0")),
  );
  const body = Array.from({ length: 15_000 }, (_, i) => `${i} ${"x".repeat(70)}`);
  for (const d of sessions) filter.say(d.linkConnect(), d.data(...["A: b", "", ...body]).slice(1));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const status = readFileSync(`/proc/${filter.child.pid}/status`, "utf8");
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  assert.ok(rssKb < 300_000, `${rssKb} kB`);
  filter.child.stdout?.resume();
  await filter.until(() => filter.smtpd.messages.length === 10);
  for (const { lines } of filter.smtpd.messages) assert.equal(lines.length, body.length + 2);
});

test("the shim imports nothing but what is built into Node, and types", () => {
  const seen = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    // With verbatimModuleSyntax an import of `{ type X }` alone is still an import.
    const imports = readFileSync(url, "utf8").matchAll(
      /^(?:import|export)\s(?!type\s)(?:[\w*\s{},]*?\sfrom\s)?"([^"]+)";/gm,
    );
    for (const [, path = ""] of imports) {
      if (path.startsWith(".")) visit(new URL(path, url));
      else assert.match(path, /^node:/, url.pathname);
    }
  };
  visit(new URL("./shim.ts", import.meta.url));
  assert.ok(seen.size > 30);
});
