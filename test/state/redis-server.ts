import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { dieWithParent } from "../mta/die-with-parent.ts";
import { fetchPackages } from "../mta/fetch-packages.ts";

const run = promisify(execFile);

/** Debian's redis-server, unpacked and not installed, on loopback with a folder of its own. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** One command, as an administrator would give it. */
  command(...args: readonly string[]): Promise<string>;
}

/** @param settings lines of redis.conf as arguments, such as `--requirepass`, `x`. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const { program } = await fetchPackages(cacheDirectory(), () => {}, ["redis"]);
  const { command, libraries = "" } = await program("redis", "usr/bin/redis-server");
  const cli = await program("redis", "usr/bin/redis-cli");
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const folder = await mkdtemp(join(tmpdir(), "postern-redis-"));
  const port = await freePort();
  const place = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--save", ""];
  const [file, args] = dieWithParent(command, [...place, ...settings]);
  const server = spawn(file, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  for await (const line of createInterface(server.stdout)) {
    if (line.includes("Ready to accept connections")) break;
  }
  server.stdout.resume();
  if (server.exitCode !== null) throw new Error(`Cannot start redis-server: ${server.exitCode}`);
  const url = `redis://127.0.0.1:${port}/0`;
  return {
    url,
    process: server,
    command: async (...words) => {
      const { stdout } = await run(cli.command, ["-p", String(port), ...words], { env });
      return stdout.trim();
    },
    [Symbol.asyncDispose]: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, "exit");
        server.kill("SIGKILL");
        await ended;
      }
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("Cannot find a free port");
  return address.port;
}
