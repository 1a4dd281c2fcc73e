import { execFile } from "node:child_process";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "../mta/file-lock.ts";
import { mergeIntoUsr } from "../mta/merged-usr.ts";

const run = promisify(execFile);

/** An opendkim that was only unpacked. */
export interface OpendkimProgram {
  readonly command: string;
  /** For LD_LIBRARY_PATH: what this machine lacks. */
  readonly libraries: string;
}

/**
 * Downloads Debian's opendkim with those of its dependencies this machine lacks and unpacks them below
 * `cacheDir`/prefix/opendkim, once. Nothing is installed. `fetchPackages` has been here before: the lists of apt are
 * there.
 * @throws {Error} if apt-get or dpkg fails, for instance without network.
 */
export async function fetchOpendkim(
  cacheDir: string,
  log: (line: string) => void,
): Promise<OpendkimProgram> {
  const prefix = join(cacheDir, "prefix", "opendkim");
  const command = join(prefix, "usr/sbin/opendkim");
  await mkdir(join(cacheDir, "prefix"), { recursive: true });
  await withFileLock(join(cacheDir, "lock"), async () => {
    if (!(await exists(command))) await unpack(prefix, log);
  });
  const library = (await readdir(join(prefix, "usr/lib"))).find((name) =>
    name.includes("-linux-gnu"),
  );
  return { command, libraries: join(prefix, "usr/lib", library ?? "") };
}

async function unpack(prefix: string, log: (line: string) => void): Promise<void> {
  const fresh = `${prefix}.new`;
  const debs = join(fresh, "debs");
  await rm(fresh, { recursive: true, force: true });
  await mkdir(debs, { recursive: true });
  const { stdout } = await run(
    "apt-get",
    ["install", "-s", "--no-install-recommends", "opendkim"],
    { env: { ...process.env, LC_ALL: "C" }, maxBuffer: 10_000_000 },
  );
  const packages = [...stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? "");
  if (!packages.includes("opendkim")) packages.push("opendkim");
  log(`Downloading ${packages.length} Debian packages for opendkim: ${packages.join(", ")}`);
  await run("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", ...packages], {
    cwd: debs,
  });
  for (const file of await readdir(debs)) await run("dpkg", ["-x", join(debs, file), fresh]);
  await rm(debs, { recursive: true });
  await mergeIntoUsr(fresh);
  await rm(prefix, { recursive: true, force: true });
  await rename(fresh, prefix);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
