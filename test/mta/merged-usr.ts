import { cp, lstat, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Moves what packages still ship in /lib, /lib64, /bin and /sbin below `prefix`/usr, where a Debian
 * with merged /usr has these directories; only /usr of a prefix is mounted.
 */
export async function mergeIntoUsr(prefix: string): Promise<void> {
  await mkdir(join(prefix, "usr"), { recursive: true });
  for (const name of ["lib", "lib64", "bin", "sbin"]) {
    const from = join(prefix, name);
    const kind = await lstat(from).catch(() => undefined);
    if (!kind?.isDirectory()) continue;
    await cp(from, join(prefix, "usr", name), { recursive: true, verbatimSymlinks: true });
    await rm(from, { recursive: true });
  }
}
