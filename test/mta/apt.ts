import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const apt = ["-qq", "-o", "APT::Sandbox::User=root"];

/** These would be changed on a half-configured machine, never on a working one. */
const neverUnpacked = new Set(["libc6", "libc-bin", "adduser", "debconf"]);

/**
 * The packages and what apt would install with them here, by a simulated installation. Fetches apt's
 * lists when there are none.
 * @throws {Error} if apt-get fails, for instance because it knows no such package.
 */
export async function withMissingDependencies(
  packages: readonly string[],
  log: (line: string) => void,
): Promise<string[]> {
  const lists = await readdir("/var/lib/apt/lists").catch(() => []);
  if (!lists.some((name) => name.includes("_Packages"))) await updateLists(log);
  const simulation = await run(
    "apt-get",
    ["install", "-s", "--no-install-recommends", ...packages],
    { env: { ...process.env, LC_ALL: "C" }, maxBuffer: 10_000_000 },
  );
  const added = [...simulation.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? "");
  return [...new Set([...packages, ...added.filter((name) => !neverUnpacked.has(name))])].sort();
}

/**
 * Downloads the packages' .deb files into a new directory.
 * @param set what they are for, for the log.
 * @throws {Error} if apt-get fails, for instance without network.
 */
export async function downloadPackages(
  directory: string,
  set: string,
  packages: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  await mkdir(directory);
  const download = async () => {
    const uris = await run("apt-get", [...apt, "download", "--print-uris", ...packages]);
    const files = [...uris.stdout.matchAll(/^'\S+' ([^\s_]+)_\S+ (\d+)/gm)].map((match) => ({
      name: match[1] ?? "",
      bytes: Number(match[2]),
    }));
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const names = files.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(", ");
    log(`Downloading ${files.length} Debian packages for ${set}, ${total} bytes: ${names}`);
    await run("apt-get", [...apt, "download", ...packages], { cwd: directory });
  };
  try {
    await download();
  } catch {
    await updateLists(log); // the mirror has newer packages than the lists say
    await download();
  }
}

async function updateLists(log: (line: string) => void): Promise<void> {
  log("Fetching Debian's package lists (apt-get update)");
  await run("apt-get", [...apt, "update"]);
}
