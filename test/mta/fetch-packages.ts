import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "./file-lock.ts";
import { mergeIntoUsr } from "./merged-usr.ts";
import type { IpCommand } from "./namespace.ts";
import { writeUsers } from "./users.ts";

const run = promisify(execFile);

/** The mail servers that can be fetched; each has a prefix of its own in the cache. */
export type MtaName = "postfix";

/** What was unpacked. */
export interface MtaPackages {
  /** The cache: `prefix/MTA` and `prefix/users` lie below it. */
  readonly cacheDirectory: string;
  /** The machine's `ip`, or the one that was unpacked because the machine has none. */
  readonly ip: IpCommand;
}

const packagesOf: Readonly<Record<MtaName | "iproute2", readonly string[]>> = {
  postfix: ["postfix"],
  iproute2: ["iproute2"],
};

/** These would be changed on a half-configured machine, never on a working one. */
const neverUnpacked = new Set(["libc6", "libc-bin", "adduser", "debconf"]);

/** What a finished prefix was made from; another answer today means unpack again. */
interface Stamp {
  readonly packages: readonly string[];
  readonly machine: string;
}

/**
 * Downloads and unpacks the mail servers' Debian packages, with those of their dependencies this
 * machine lacks, into `cacheDir`. Nothing is installed and no file outside the cache changes, but for
 * apt's lists when there are none. Cheap when all is there; safe when several processes call it at once.
 * @param log gets one line for each download.
 * @throws {Error} if apt-get or dpkg fails, for instance without network.
 */
export async function fetchPackages(
  cacheDir: string,
  log: (line: string) => void,
  mtas: readonly MtaName[] = ["postfix"],
): Promise<MtaPackages> {
  if (/[:,\\\s]/.test(cacheDir)) {
    throw new RangeError(
      `Cannot mount from ${cacheDir}: blank, comma, colon and \\ are not allowed`,
    );
  }
  const ownIp = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"].find(isExecutable);
  const sets = [...mtas, ...(ownIp ? [] : (["iproute2"] as const))];
  await mkdir(join(cacheDir, "prefix"), { recursive: true, mode: 0o755 });
  if (!(await areAllFresh(cacheDir, sets))) {
    await withFileLock(join(cacheDir, "lock"), async () => {
      await writeUsers(join(cacheDir, "prefix", "users", "etc"));
      for (const set of sets) {
        if (!(await isFresh(cacheDir, set))) await fetchSet(cacheDir, set, log);
      }
    });
  }
  return {
    cacheDirectory: cacheDir,
    ip: ownIp ? { command: ownIp } : await unpackedIp(join(cacheDir, "prefix", "iproute2")),
  };
}

async function areAllFresh(cacheDir: string, sets: readonly (MtaName | "iproute2")[]) {
  for (const set of sets) if (!(await isFresh(cacheDir, set))) return false;
  return true;
}

async function isFresh(cacheDir: string, set: MtaName | "iproute2"): Promise<boolean> {
  const stamp = await readStamp(cacheDir, set);
  return stamp?.machine === (await machineState());
}

/** Changes whenever a package is installed or removed, or a user is added. */
async function machineState(): Promise<string> {
  const hash = createHash("sha256");
  const { mtimeMs, size } = await stat("/var/lib/dpkg/status");
  hash.update(`${process.arch} ${mtimeMs} ${size}`);
  for (const file of ["/etc/passwd", "/etc/group", "/etc/debian_version"]) {
    hash.update(await readFile(file));
  }
  return hash.digest("hex");
}

async function fetchSet(
  cacheDir: string,
  set: MtaName | "iproute2",
  log: (line: string) => void,
): Promise<void> {
  await ensureLists(log);
  const packages = await withMissingDependencies(packagesOf[set]);
  const machine = await machineState();
  const prefix = join(cacheDir, "prefix", set);
  const known = await readStamp(cacheDir, set);
  if (known?.packages.join() !== packages.join()) {
    const fresh = `${prefix}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(join(fresh, "etc"), { recursive: true });
    await download(join(fresh, "debs"), set, packages, log);
    for (const file of await readdir(join(fresh, "debs"))) {
      await run("dpkg", ["-x", join(fresh, "debs", file), fresh]);
    }
    await rm(join(fresh, "debs"), { recursive: true });
    await mergeIntoUsr(fresh);
    await rm(prefix, { recursive: true, force: true });
    await rename(fresh, prefix);
  }
  const stamp: Stamp = { packages, machine };
  await writeFile(join(prefix, "stamp.json"), JSON.stringify(stamp));
}

async function readStamp(cacheDir: string, set: string): Promise<Stamp | undefined> {
  try {
    const text = await readFile(join(cacheDir, "prefix", set, "stamp.json"), "utf8");
    return JSON.parse(text) as Stamp;
  } catch {
    return undefined;
  }
}

async function ensureLists(log: (line: string) => void): Promise<void> {
  const lists = await readdir("/var/lib/apt/lists").catch(() => []);
  if (!lists.some((name) => name.includes("_Packages"))) await updateLists(log);
}

async function updateLists(log: (line: string) => void): Promise<void> {
  log("Fetching Debian's package lists (apt-get update)");
  await run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "update"]);
}

/** The packages and what apt would install with them here, by a simulated installation. */
async function withMissingDependencies(packages: readonly string[]): Promise<string[]> {
  const simulation = await run(
    "apt-get",
    ["install", "-s", "--no-install-recommends", ...packages],
    { env: { ...process.env, LC_ALL: "C" }, maxBuffer: 10_000_000 },
  );
  const added = [...simulation.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? "");
  return [...new Set([...packages, ...added.filter((name) => !neverUnpacked.has(name))])].sort();
}

async function download(
  directory: string,
  set: string,
  packages: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  await mkdir(directory);
  const apt = async () => {
    const args = ["-qq", "-o", "APT::Sandbox::User=root", "download"];
    const uris = await run("apt-get", [...args, "--print-uris", ...packages]);
    const files = [...uris.stdout.matchAll(/^'\S+' ([^\s_]+)_\S+ (\d+)/gm)].map((match) => ({
      name: match[1] ?? "",
      bytes: Number(match[2]),
    }));
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const names = files.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(", ");
    log(`Downloading ${files.length} Debian packages for ${set}, ${total} bytes: ${names}`);
    await run("apt-get", [...args, ...packages], { cwd: directory });
  };
  try {
    await apt();
  } catch {
    await updateLists(log); // the mirror has newer packages than the lists say
    await apt();
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function unpackedIp(prefix: string): Promise<IpCommand> {
  const command = [join(prefix, "usr/bin/ip"), join(prefix, "usr/sbin/ip")].find(isExecutable);
  if (command === undefined) throw new Error(`Cannot find ip below ${prefix}`);
  const library = (await readdir(join(prefix, "usr/lib"))).find((name) =>
    name.includes("-linux-gnu"),
  );
  return { command, ...(library && { libraries: join(prefix, "usr/lib", library) }) };
}
