import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Daemon, startDaemon } from "../mta/daemon.ts";
import { type ScriptedDns, serveZone } from "../mta/scripted-dns.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { stateFor } from "./remember.ts";
import type { Scenario } from "./scenario.ts";
import { until } from "./until.ts";
import { untimed } from "./untimed.ts";

/** The program, as `npm run postern` starts it. */
export const MAIN: string = join(import.meta.dirname, "../../packages/postern/src/main.ts");

/** A busy machine is no reason to judge without the store. */
export const PATIENT = { stateDeadlineMs: 2_000 } as const;

/** All that stands around a mail server in a namespace of its own: the daemon, the DNS on port 53, the next hop. */
export interface Rig {
  /** Readable by every user; the mail server may have its instance folder in it. */
  readonly folder: string;
  readonly dns: ScriptedDns;
  readonly sink: Sink;
  daemon(): Daemon;
  /** The new zone and configuration, read again by the daemon that runs. */
  prepare(scenario: Pick<Scenario, "config" | "dns"> & Partial<Scenario>): Promise<void>;
  /** Writes postern.yaml; what it does not say is that of {@link RigOptions}. */
  configure(config: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends the daemon, where it still runs, and starts another with what the file says. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface RigOptions {
  /** The `listen` of postern.yaml. */
  readonly listen: Readonly<Record<string, unknown>>;
  /** Other keys that every configuration has. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Starts everything but the mail server; the daemon drops to user nobody. */
export async function openRig({ listen, config: always = {} }: RigOptions): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "postern-rig-"));
  await chmod(folder, 0o755);
  const file = join(folder, "postern.yaml");
  const dns = await serveZone({}, { port: 53 });
  const sink = await openSink();
  const configure = (config: Readonly<Record<string, unknown>>): Promise<void> =>
    writeFile(
      file,
      JSON.stringify({
        listen,
        user: "nobody",
        state: "none",
        dns: { timeoutMs: 500 },
        ...always,
        ...config,
      }),
      { mode: 0o644 },
    );
  const start = (): Promise<Daemon> =>
    startDaemon(["--conditions=source", MAIN, "serve", "--config", file], {
      readyLine: /listening on/,
      timeoutMs: 60_000,
    });
  await configure({});
  let daemon = await start();
  let serial = 0;
  return {
    folder,
    dns,
    sink,
    daemon: () => daemon,
    configure,
    async prepare({ config, dns: zone, remembered, client, from }) {
      const state =
        client === undefined || from === undefined || remembered === undefined
          ? {}
          : { state: await stateFor({ remembered, client, from }, folder), limits: PATIENT };
      dns.setZone(zone as Parameters<typeof serveZone>[0]);
      // Another resolver setting each time makes the daemon forget what its cache holds.
      serial += 1;
      await configure({ ...config, ...state, dns: { timeoutMs: 500 + serial } });
      const isRead = (line: string): boolean => /again$/.test(untimed(line));
      const seen = daemon.lines().filter(isRead).length;
      daemon.kill("SIGHUP");
      await until(() => daemon.lines().filter(isRead).length > seen);
    },
    async restart() {
      await daemon.stop();
      daemon = await start();
    },
    async close() {
      await daemon.stop();
      await dns.close();
      await sink.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The header of a delivered message. */
export function headerOf(bytes: Buffer | undefined): string {
  const text = bytes?.toString("latin1") ?? "";
  return text.slice(0, text.indexOf("\r\n\r\n"));
}
