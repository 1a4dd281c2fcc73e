import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { resolverOf } from "@postern/dns";
import { MessageCheck, type MessageResults } from "@postern/mail-auth";
import { type HostileMessage, hostileMessages, hostileRecord } from "@postern/mail-auth/testing";

/** What one message cost. */
interface Cost {
  readonly id: string;
  readonly cpuMs: number;
  /** The longest time in which nobody else was served. */
  readonly holdMs: number;
  readonly questions: number;
  readonly passed: readonly string[];
  readonly violated: readonly string[];
}

/** So many bytes of fields come with one read from a socket. */
const READ_BYTES = 65_536;

/** What each hostile message costs the check of a message, dearest first. DNS answers at once. */
export async function benchHostile(say: (line: string) => void): Promise<void> {
  const plain = hostileMessages.find(({ id }) => id === "from.display-name");
  for (let times = 0; times < 7 && plain !== undefined; times += 1) await costOf(plain); // compiles
  const costs: Cost[] = [];
  for (const message of hostileMessages) costs.push(await costOf(message));
  say("| message | CPU ms | others wait ms | DNS questions | passed | must not have passed |");
  say("|---|---:|---:|---:|---|---|");
  for (const cost of costs.toSorted((a, b) => b.holdMs - a.holdMs)) {
    const { id, cpuMs, holdMs, questions, passed, violated } = cost;
    const cells = [id, cpuMs.toFixed(0), holdMs.toFixed(0), questions, passed.join(", ")];
    say(`| ${[...cells, violated.join(", ")].join(" | ")} |`);
  }
}

/** The least of three: what another process or the garbage of the one before took is not its own. */
async function costOf(message: HostileMessage): Promise<Cost> {
  const { headers, body } = message.make();
  const fields = headers.map((field) => field.map((part) => Buffer.from(part, "latin1")));
  const chunks = [...body];
  const first = await costOnce(message, fields, chunks);
  const others = [await costOnce(message, fields, chunks), await costOnce(message, fields, chunks)];
  return {
    ...first,
    cpuMs: Math.min(first.cpuMs, ...others.map(({ cpuMs }) => cpuMs)),
    holdMs: Math.min(first.holdMs, ...others.map(({ holdMs }) => holdMs)),
  };
}

async function costOnce(
  { id, mustNotPass }: HostileMessage,
  fields: readonly (readonly Buffer[])[],
  chunks: readonly Uint8Array[],
): Promise<Cost> {
  let questions = 0;
  const resolver = resolverOf(async (name, type) => {
    questions += 1;
    const record = type === "TXT" ? hostileRecord(name) : undefined;
    return record === undefined
      ? { status: "none", reason: "nxdomain" }
      : { status: "found", value: [record] };
  });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await turn();
  delay.enable();
  await turn();
  const before = process.cpuUsage();
  const check = new MessageCheck({ resolver });
  let bytes = 0;
  for (const [name = Buffer.of(), value = Buffer.of()] of fields) {
    check.header(name, value);
    bytes += name.length + value.length;
    if (bytes < READ_BYTES) continue;
    bytes = 0;
    await turn();
  }
  for (const chunk of chunks) {
    await turn();
    check.body(chunk);
  }
  await turn();
  const passed = passedBy(await check.end(undefined));
  const { user, system } = process.cpuUsage(before);
  await new Promise((resolve) => setTimeout(resolve, 5)); // the timer of the delay runs once more
  delay.disable();
  return {
    ...{ id, questions, passed },
    cpuMs: (user + system) / 1_000,
    holdMs: delay.max / 1e6,
    violated: mustNotPass.filter((claim) => passed.includes(claim)),
  };
}

function passedBy({
  dkim,
  arc,
  dmarc,
}: MessageResults): readonly HostileMessage["mustNotPass"][number][] {
  const isForVictim = dmarc?.result === "pass" && dmarc.domain === "example.com";
  return [
    ...(dkim.some(({ result }) => result === "pass") ? (["dkim"] as const) : []),
    ...(arc.result === "pass" ? (["arc"] as const) : []),
    ...(dmarc?.result === "pass" ? (["dmarc"] as const) : []),
    ...(isForVictim ? (["dmarc-for-victim"] as const) : []),
  ];
}
