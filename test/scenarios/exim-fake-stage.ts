import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EximOptions } from "../mta/exim.ts";
import { type ScriptedDns, serveZone } from "../mta/scripted-dns.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { openSidecar, type Sidecar } from "./exim-sidecar.ts";

/** All that stands around an Exim whose daemon does as a test says. */
export interface Stage {
  readonly sidecar: Sidecar;
  readonly sink: Sink;
  readonly dns: ScriptedDns;
  /** The sidecar's socket, and three seconds of patience. */
  readonly macros: Readonly<Record<string, string>>;
  /** Of an Exim with a folder of that name. */
  options(name: string, port: number): Pick<EximOptions, "instanceDir" | "port" | "sinkPort">;
  close(): Promise<void>;
}

/** Opens it; the DNS on port 53 knows nothing. */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "postern-exim-"));
  await chmod(folder, 0o755);
  const sink = await openSink();
  const dns = await serveZone({}, { port: 53 });
  const sidecar = await openSidecar();
  return {
    sidecar,
    sink,
    dns,
    macros: { SOCKET: `inet:127.0.0.1:${sidecar.port}`, TIMEOUT: "3s", DATA_TIMEOUT: "3s" },
    options: (name, port) => ({ instanceDir: join(folder, name), port, sinkPort: sink.port }),
    async close() {
      await sidecar.close();
      await sink.close();
      await dns.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
