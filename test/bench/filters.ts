import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenAddress } from "@postern/milter-adapter";
import { startDaemon } from "../mta/daemon.ts";
import { dieWithParent } from "../mta/die-with-parent.ts";
import type { OpendkimProgram } from "./fetch-opendkim.ts";

/** A filter under load. */
export interface Filter extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly address: ListenAddress;
}

/** The scripted DNS, on port 53: libunbound refuses to ask a loopback address. */
export const DNS_ADDRESS = "192.0.2.53";
const AUTHSERV_ID = "mx.example.org";

/** Debian's opendkim, verifying; it keeps the keys it asked for. */
export async function startOpendkim({ command, libraries }: OpendkimProgram): Promise<Filter> {
  const folder = await mkdtemp(join(tmpdir(), "postern-opendkim-"));
  const path = join(folder, "milter.sock");
  const lines = [
    "Mode v",
    "Syslog no",
    "UserID root",
    `Socket local:${path}`,
    "Background no",
    "AlwaysAddARHeader yes",
    `AuthservID ${AUTHSERV_ID}`,
    "RequireSafeKeys no",
    `InternalHosts ${join(folder, "none")}`,
    `Nameservers ${DNS_ADDRESS}`,
    "QueryCache yes",
  ];
  await writeFile(join(folder, "none"), "");
  await writeFile(join(folder, "opendkim.conf"), `${lines.join("\n")}\n`);
  const [program, args] = dieWithParent(command, ["-f", "-x", join(folder, "opendkim.conf")]);
  const child = spawn(program, args, {
    env: { ...process.env, LD_LIBRARY_PATH: `${libraries}:${join(libraries, "..")}` },
    stdio: ["ignore", "inherit", "inherit"],
  });
  await once(child, "spawn");
  for (let tries = 0; !(await isSocket(path)); tries += 1) {
    if (tries === 200 || child.exitCode !== null) throw new Error("Cannot start opendkim");
    await sleep(20);
  }
  return {
    name: "opendkim",
    pid: child.pid ?? -1,
    address: { kind: "unix", path },
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGTERM")) await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Our daemon with its default policy.
 * @param main its main.ts.
 */
export async function startPostern(main: string): Promise<Filter> {
  const folder = await mkdtemp(join(tmpdir(), "postern-bench-"));
  const path = join(folder, "milter.sock");
  const file = join(folder, "postern.yaml");
  const config = {
    listen: { milter: `unix:${path}` },
    dns: { servers: [DNS_ADDRESS] },
    authservId: AUTHSERV_ID,
    localDomains: ["example.org"],
    state: `sqlite:${join(folder, "state.db")}`,
  };
  await writeFile(file, JSON.stringify(config));
  const argv = ["--conditions=source", main, "serve", "--config", file];
  const daemon = await startDaemon(argv, { readyLine: /listening on/ }).catch(async (error) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    name: "postern",
    pid: daemon.pid,
    address: { kind: "unix", path },
    async [Symbol.asyncDispose]() {
      await daemon.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isSocket(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}
