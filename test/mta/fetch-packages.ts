import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { downloadPackages, withMissingDependencies } from "./apt.ts";
import { withFileLock } from "./file-lock.ts";
import { mergeIntoUsr } from "./merged-usr.ts";
import type { IpCommand } from "./namespace.ts";
import { areUsersFresh, writeUsers } from "./users.ts";

const run = promisify(execFile);

/** The mail servers that can be fetched; each has a prefix of its own in the cache. */
export type MtaName = "postfix" | "opensmtpd" | "exim" | "exim-light" | "sendmail" | "ucspi-tcp";

/** All that can be fetched: mail servers, a filter to compare ours with, and a store that hosts share. */
export type PackageSet = MtaName | "opendkim" | "redis";

/** A program that was only unpacked; on a machine that lacks its libraries they are found there. */
export type UnpackedProgram = IpCommand;

/** What was unpacked. */
export interface MtaPackages {
  /** The cache: `prefix/MTA` and `prefix/users` lie below it. */
  readonly cacheDirectory: string;
  /** The machine's `ip`, or the one that was unpacked because the machine has none. */
  readonly ip: IpCommand;
  /**
   * A program to be run outside mtans, with `libraries` in LD_LIBRARY_PATH.
   * @param path below the set's prefix, such as `usr/sbin/opendkim`.
   * @throws {Error} if there is none.
   */
  program(set: PackageSet, path: string): Promise<UnpackedProgram>;
}

const packagesOf: Readonly<Record<PackageSet | "iproute2", readonly string[]>> = {
  postfix: ["postfix"],
  opensmtpd: ["opensmtpd"],
  // The light one has neither content scanning nor the PROXY protocol.
  exim: ["exim4-daemon-heavy"],
  "exim-light": ["exim4-daemon-light"],
  // With the mechanisms of SASL, which sendmail-bin only recommends.
  sendmail: ["sendmail-bin", "sendmail-cf", "libsasl2-modules"],
  // tcpserver and rblsmtpd, as every qmail has them.
  "ucspi-tcp": ["ucspi-tcp"],
  opendkim: ["opendkim"],
  redis: ["redis-server"],
  iproute2: ["iproute2"],
};

/** What a finished prefix was made from; another answer today means unpack again. */
interface Stamp {
  readonly packages: readonly string[];
  readonly machine: string;
}

/**
 * Downloads and unpacks Debian packages of mail servers, with those of their dependencies this
 * machine lacks, into `cacheDir`. Nothing is installed and no file outside the cache changes, but for
 * apt's lists when there are none. Cheap when all is there; safe when several processes call it at once.
 * @param log gets one line for each download.
 * @throws {Error} if apt-get or dpkg fails, for instance without network.
 */
export async function fetchPackages(
  cacheDir: string,
  log: (line: string) => void,
  wanted: readonly PackageSet[] = ["postfix"],
): Promise<MtaPackages> {
  if (/[:,\\\s]/.test(cacheDir)) {
    throw new RangeError(
      `Cannot mount from ${cacheDir}: blank, comma, colon and \\ are not allowed`,
    );
  }
  const ownIp = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"].find(isExecutable);
  const sets = [...wanted, ...(ownIp ? [] : (["iproute2"] as const))];
  await mkdir(join(cacheDir, "prefix"), { recursive: true, mode: 0o755 });
  const users = join(cacheDir, "prefix", "users", "etc");
  if (!(await areUsersFresh(users)) || !(await areAllFresh(cacheDir, sets))) {
    await withFileLock(join(cacheDir, "lock"), async () => {
      if (!(await areUsersFresh(users))) await writeUsers(users);
      for (const set of sets) {
        if (!(await isFresh(cacheDir, set))) await fetchSet(cacheDir, set, log);
      }
    });
  }
  return {
    cacheDirectory: cacheDir,
    ip: ownIp
      ? { command: ownIp }
      : await unpacked(join(cacheDir, "prefix", "iproute2"), ["usr/bin/ip", "usr/sbin/ip"]),
    program: (set, path) => unpacked(join(cacheDir, "prefix", set), [path]),
  };
}

async function areAllFresh(cacheDir: string, sets: readonly (PackageSet | "iproute2")[]) {
  for (const set of sets) if (!(await isFresh(cacheDir, set))) return false;
  return true;
}

async function isFresh(cacheDir: string, set: PackageSet | "iproute2"): Promise<boolean> {
  const stamp = await readStamp(cacheDir, set);
  if (stamp === undefined || !packagesOf[set].every((name) => stamp.packages.includes(name)))
    return false;
  return stamp.machine === (await machineState());
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
  set: PackageSet | "iproute2",
  log: (line: string) => void,
): Promise<void> {
  const packages = await withMissingDependencies(packagesOf[set], log);
  const machine = await machineState();
  const prefix = join(cacheDir, "prefix", set);
  const known = await readStamp(cacheDir, set);
  if (known?.packages.join() !== packages.join()) {
    const fresh = `${prefix}.new`;
    await rm(fresh, { recursive: true, force: true });
    await mkdir(join(fresh, "etc"), { recursive: true });
    await downloadPackages(join(fresh, "debs"), set, packages, log);
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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function unpacked(prefix: string, paths: readonly string[]): Promise<UnpackedProgram> {
  const command = paths.map((path) => join(prefix, path)).find(isExecutable);
  if (command === undefined) throw new Error(`Cannot find ${paths.join(" or ")} below ${prefix}`);
  const directory = join(prefix, "usr/lib");
  const names = (await readdir(directory).catch(() => [])).filter((name) =>
    name.includes("-linux-gnu"),
  );
  // Most packages put their libraries into the architecture's directory, not all.
  const libraries = [...names.map((name) => join(directory, name)), directory].join(":");
  return { command, libraries };
}
