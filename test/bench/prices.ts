import { type Resolver, resolverOf } from "@postern/dns";
import { evaluateSpf, MessageCheck } from "@postern/mail-auth";
import { type KeyKind, NO_SPF, signMessage, testKey } from "@postern/mail-auth/testing";
import type { IpAddress } from "@postern/smtp-filter";
import { fakeClock } from "@postern/smtp-filter/testing";
import { preloadSources } from "../../packages/filter-runtime/src/sources/open-sources.ts";
import { openWorkBudget, WORK_LIMITS } from "../../packages/filter-runtime/src/work-budget.ts";

/** Measures what PRICES_US of work-budget.ts says, in microseconds of this machine's CPU. */
export async function benchPrices(say: (line: string) => void): Promise<void> {
  preloadSources();
  const measure = async (
    what: string,
    { units, times }: { readonly units: number; readonly times: number },
    work: () => unknown,
  ): Promise<void> => {
    for (let n = 0; n < times / 4; n += 1) await work();
    const from = process.cpuUsage();
    for (let n = 0; n < times; n += 1) await work();
    const { user, system } = process.cpuUsage(from);
    say(`${what}: ${((user + system) / times / units).toFixed(2)} us`);
  };
  const record = `v=spf1${" ip4:198.51.100.7".repeat(480)} -all`;
  await measure("recordKiB", { units: record.length / 1_024, times: 100 }, () => spf(record));
  for (const kind of ["rsa-2048", "rsa-4096", "ed25519"] as const)
    await measure(`signature, ${kind}`, { units: 5, times: 100 }, () => check(kind, signed(kind)));
  const long = `X-Long: ${`${"x".repeat(70)}\r\n `.repeat(3_000)}x\r\n${PLAIN}`;
  await measure("headerKiB", { units: long.length / 1_024, times: 30 }, () =>
    check("ed25519", long),
  );
  const many = Array.from({ length: 1_900 }, (_, n) => `X-${n}: ${"y ".repeat(50)}\r\n`).join("");
  await measure("field", { units: 1_900, times: 30 }, () => check("ed25519", many + PLAIN));
  for (const unit of ["the quick brown fox\r\n", "x ", " \t", "\r\n"]) {
    const body = Buffer.from(unit.repeat(65_536 / unit.length));
    await measure(`bodyKiB, ${JSON.stringify(unit)}`, { units: 64 * 50, times: 5 }, () =>
      check("ed25519", signed("ed25519", 1), Array<Buffer>(50).fill(body)),
    );
  }
  const session = openWorkBudget({ nowMs: () => performance.now() }).session(
    "192.0.2",
    WORK_LIMITS,
  );
  await measure("the accounting of one unit", { units: 1_000, times: 1_000 }, () => {
    for (let n = 0; n < 1_000; n += 1) session.spend("question", 0);
  });
  await measure("the accounting of one answer", { units: 1_000, times: 1_000 }, () => {
    for (let n = 0; n < 1_000; n += 1) session.isSpent();
  });
}

const PLAIN = "From: a@a.example\r\nSubject: x\r\n\r\nbody\r\n";
const made = new Map<string, string>();

function signed(kind: KeyKind, count = 5): string {
  const name = `${kind} ${count}`;
  let message = made.get(name) ?? PLAIN;
  if (!made.has(name))
    for (let n = 0; n < count; n += 1)
      message = signMessage(message, { key: testKey(kind), domain: "a.example", selector: "s" });
  made.set(name, message);
  return message;
}

async function spf(record: string): Promise<void> {
  const identity = { text: "a@a.example", localPart: "a", domain: null };
  const question = { address: "192.0.2.1" as IpAddress, helo: null, identity };
  await evaluateSpf(answering(record), question, fakeClock());
}

async function check(kind: KeyKind, message: string, body?: readonly Buffer[]): Promise<void> {
  const checked = new MessageCheck({
    resolver: answering(testKey(kind).record),
    clock: fakeClock(),
  });
  const split = message.indexOf("\r\n\r\n");
  for (const field of message.slice(0, split).split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(":");
    checked.header(Buffer.from(field.slice(0, colon)), Buffer.from(field.slice(colon + 1)));
  }
  for (const chunk of body ?? [Buffer.from(message.slice(split + 4))]) checked.body(chunk);
  await checked.end(NO_SPF);
}

/** Every TXT record is this one. */
function answering(record: string): Resolver {
  return resolverOf(async (_, type) =>
    type === "TXT" ? { status: "found", value: [record] } : { status: "none", reason: "nodata" },
  );
}
