import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Opensmtpd, startOpensmtpd } from "../mta/opensmtpd.ts";
import { type ScriptedDns, serveZone } from "../mta/scripted-dns.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { type Conversation, converse, formatTranscript, replyTo } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { stateFor } from "./remember.ts";
import { MAIN, PATIENT } from "./rig.ts";
import type { Scenario } from "./scenario.ts";
import { table } from "./table.ts";
import { until } from "./until.ts";

const PORT = 2725;
/** Small, so that it is filled long before an engine counts as frozen. */
const HEAP_MB = 200;
/** In the engine, SIGUSR2 then means: fill the heap. */
const EXHAUST_HEAP = join(import.meta.dirname, "exhaust-heap.ts");

/** Everything real: smtpd, the filter it starts, the DNS on port 53, the next hop. */
export interface SmtpdRig {
  readonly dns: ScriptedDns;
  readonly sink: Sink;
  /** Its postern.yaml. */
  readonly file: string;
  /** The log of smtpd; lines of the filter without the name that smtpd puts before them. */
  lines(): readonly string[];
  /** Writes postern.yaml. */
  write(text: string): Promise<void>;
  /** The new zone and configuration, read again by the filter that runs. */
  prepare(scenario: Pick<Scenario, "config" | "dns"> & Partial<Scenario>): Promise<void>;
  signalShim(signal: NodeJS.Signals): Promise<void>;
  enginePid(): Promise<number>;
  /** Mail of the honest row; it must be let in. */
  sendHonestly(): Promise<void>;
  /** The complaints of smtpd about its filter, and its end. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

/** Starts all of it, and waits until mail is judged. */
export async function openSmtpdRig(): Promise<SmtpdRig> {
  const folder = await mkdtemp(join(tmpdir(), "postern-smtpd-"));
  await chmod(folder, 0o755);
  const file = join(folder, "postern.yaml");
  const dns = await serveZone({}, { port: 53 });
  const sink = await openSink();
  const write = (text: string): Promise<void> => writeFile(file, text, { mode: 0o644 });
  await write(JSON.stringify({ dns: { timeoutMs: 500 } }));
  const smtpd: Opensmtpd = await startOpensmtpd({
    instanceDir: join(folder, "smtpd"),
    port: PORT,
    sinkPort: sink.port,
    ipv6: true,
    dns: "hosts",
    filterCommand: `NODE_OPTIONS=--import='${EXHAUST_HEAP}' '${process.execPath}' --conditions=source --max-old-space-size=${HEAP_MB} '${MAIN}' opensmtpd --config '${file}'`,
  });
  await smtpd.waitForLog(/policy postmaster-2026, mode enforce/, 30_000);
  const lines = (): readonly string[] =>
    smtpd.log().map((line) => line.replace(/^postern: (?=[0-9a-f]{16} )/, ""));
  const signalShim = async (signal: NodeJS.Signals): Promise<void> => {
    process.kill(await pidOf("postern"), signal);
  };
  let serial = 0;
  return {
    dns,
    sink,
    file,
    lines,
    write,
    async prepare({ config, dns: zone, remembered, client, from }) {
      const state =
        client === undefined || from === undefined || remembered === undefined
          ? {}
          : { state: await stateFor({ remembered, client, from }, folder), limits: PATIENT };
      dns.setZone(zone as Parameters<typeof serveZone>[0]);
      // Another resolver setting each time makes the engine forget what its cache holds.
      serial += 1;
      const own = config["dns"] as { readonly timeoutMs?: number } | undefined;
      const timeoutMs = (own?.timeoutMs ?? 500) + serial;
      await write(JSON.stringify({ ...config, ...state, dns: { ...own, timeoutMs } }));
      const isRead = (line: string): boolean => /again$/.test(line);
      const seen = lines().filter(isRead).length;
      await signalShim("SIGHUP");
      await until(() => lines().filter(isRead).length > seen);
    },
    signalShim,
    enginePid: () => pidOf("postern-engine"),
    async sendHonestly() {
      const [honest] = table;
      assert.ok(honest);
      const transcript = await converse(conversationOf(honest));
      assert.equal(replyTo(transcript, "(message")?.code, 250, formatTranscript(transcript));
    },
    complaints: () =>
      smtpd
        .log()
        .filter(
          (line) =>
            /lost processor|fatal|unexpected|malformed|exiting/i.test(line) &&
            !/^postern:/.test(line),
        ),
    async close() {
      await smtpd.stop();
      await dns.close();
      await sink.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The whole conversation of a row. */
export function conversationOf({ client, helo, from, rcpt, message }: Scenario): Conversation {
  return conversationWith(client.ip, [
    { kind: "banner" },
    { kind: "ehlo", name: helo },
    { kind: "mail", from },
    ...rcpt.map((to) => ({ kind: "rcpt", to }) as const),
    { kind: "data", message },
    { kind: "quit" },
  ]);
}

/** A client at this address, with steps of its own. */
export function conversationWith(ip: string, steps: readonly Step[]): Conversation {
  return { host: ip.includes(":") ? "::1" : "127.0.0.1", port: PORT, localAddress: ip, steps };
}

/** The shim, which smtpd started (postern), or the engine, which the shim did: by the name it gives itself. */
async function pidOf(title: string): Promise<number> {
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = (await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (words[0] === title) return Number(name);
  }
  return assert.fail(`no process of ours is called ${title}`);
}
