import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "../mta/file-lock.ts";

const run = promisify(execFile);

/** The releases that are played. */
export const suites = ["bookworm", "trixie"] as const;
export type Suite = (typeof suites)[number];

/** An ordinary user, as every installed machine has one. */
export const USER = "ann";

/**
 * Makes a minimal Debian with debootstrap, once, as a tarball in `cacheDir`, from the mirror that this machine's apt
 * is told to use. It knows the updates and the security archive where this machine does, apt's ways to reach them, and
 * the certificate authorities that were added to this machine by hand; and it has one ordinary user.
 * @returns the tarball's path.
 * @throws {Error} if debootstrap fails, for instance without network.
 */
export async function debianTarball(
  suite: Suite,
  cacheDir: string,
  log: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDir, "fresh");
  await mkdir(folder, { recursive: true });
  const tarball = join(folder, `${suite}.tar`);
  await withFileLock(join(folder, `${suite}.lock`), async () => {
    if (existsSync(tarball)) return;
    await installDebootstrap(log);
    const archives = await debianArchives(suite);
    const mirror = archives.find(({ release }) => release === suite);
    if (mirror === undefined) throw new Error("Cannot find a Debian mirror in apt's sources");
    log(`Making a minimal ${suite} with debootstrap from ${mirror.uri}`);
    const root = join(folder, `${suite}.new`);
    await rm(root, { recursive: true, force: true });
    const options = ["--variant=minbase", suite, root, mirror.uri];
    await run("debootstrap", options, { maxBuffer: 10_000_000 });
    await likeThisMachine(root, archives);
    await run("chroot", [root, "useradd", "--create-home", "--shell", "/bin/bash", USER]);
    await run("chroot", [root, "apt-get", "clean"]);
    await run("tar", ["-C", root, "-cf", `${tarball}.new`, "."]);
    await rename(`${tarball}.new`, tarball);
    await rm(root, { recursive: true, force: true });
  });
  return tarball;
}

async function installDebootstrap(log: (line: string) => void): Promise<void> {
  if (existsSync("/usr/sbin/debootstrap")) return;
  log("Installing debootstrap with apt-get");
  await run("apt-get", ["-qq", "update"]);
  await run("apt-get", ["-qq", "install", "-y", "--no-install-recommends", "debootstrap"]);
}

interface Archive {
  readonly uri: string;
  /** Such as bookworm-security. */
  readonly release: string;
}

/** This machine's own Debian archives, for another release. */
async function debianArchives(suite: Suite): Promise<readonly Archive[]> {
  const format = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(CODENAME)";
  const { stdout } = await run("apt-get", [
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
  ]);
  const archives = new Map<string, Archive>();
  for (const line of stdout.split("\n")) {
    const [origin, uri, release, codename] = line.split("|");
    if (origin !== "Debian" || uri === undefined || !release || !codename) continue;
    const own = codename.replace(/-.*/, "");
    const wanted = release.replace(own, suite);
    if (wanted.startsWith(suite)) archives.set(wanted, { uri, release: wanted });
  }
  return [...archives.values()];
}

async function likeThisMachine(root: string, archives: readonly Archive[]): Promise<void> {
  const sources = archives.map(({ uri, release }) => `deb ${uri} ${release} main\n`);
  await writeFile(join(root, "etc/apt/sources.list"), sources.join(""));
  const { stdout } = await run("apt-config", ["dump"]);
  const reach = stdout.split("\n").filter((line) => /^Acquire::(Check|http|https)\b/i.test(line));
  await writeFile(join(root, "etc/apt/apt.conf.d/99reach"), `${reach.join("\n")}\n`);
  // A root that lives for minutes needs no fsync after each file.
  await writeFile(join(root, "etc/dpkg/dpkg.cfg.d/unsafe-io"), "force-unsafe-io\n");
  const authorities = "usr/local/share/ca-certificates";
  if (existsSync(`/${authorities}`)) {
    await cp(`/${authorities}`, join(root, authorities), { recursive: true });
  }
}
