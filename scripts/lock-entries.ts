import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** One place of the lock: where, which version, and whether npm may leave it out on this machine. */
export interface LockEntry {
  readonly path: string;
  readonly version: string;
  readonly isOptional: boolean;
  readonly isDev: boolean;
  readonly hasInstallScript: boolean;
}

/** What package-lock.json of `root` has npm install from the registry. */
export async function lockEntries(root: string): Promise<readonly LockEntry[]> {
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Object.entries(packages)
    .filter(([path, entry]) => path.includes("node_modules/") && entry["link"] !== true)
    .map(([path, entry]) => ({
      path,
      version: String(entry["version"]),
      isOptional: entry["optional"] === true || entry["devOptional"] === true,
      isDev: entry["dev"] === true,
      hasInstallScript: entry["hasInstallScript"] === true,
    }));
}
