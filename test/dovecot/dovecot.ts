import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { fetchPackages } from "../mta/fetch-packages.ts";
import { withFileLock } from "../mta/file-lock.ts";
import { runInNamespace } from "../mta/namespace.ts";

/** The Dovecot of each Debian, and the recipe for it. */
const RECIPES = { bookworm: "2.3", trixie: "2.4" } as const;

/**
 * Plays `examples/dovecot-2.3` and `examples/dovecot-2.4`, as they are, on the real Dovecot of bookworm and trixie,
 * which are unpacked in the cache when they are not there. Needs root on Debian.
 */
export async function playDovecots(say: (line: string) => void): Promise<"good" | "bad"> {
  const cache = cacheDirectory();
  const { ip } = await fetchPackages(cache, say, []);
  let result: "good" | "bad" = "good";
  for (const [suite, series] of Object.entries(RECIPES)) {
    say(`\nDovecot ${series} of ${suite}`);
    const folder = await unpackedRoot(cache, suite, say);
    const played = await runInNamespace(
      join(import.meta.dirname, "play.ts"),
      [join(folder, "root"), series],
      { ip, timeoutMs: 120_000 },
    );
    if (played.exitCode !== 0) result = "bad";
  }
  return result;
}

async function unpackedRoot(
  cache: string,
  suite: string,
  say: (line: string) => void,
): Promise<string> {
  const all = join(cache, "dovecot");
  await mkdir(all, { recursive: true });
  const folder = join(all, suite);
  await withFileLock(join(all, "lock"), async () => {
    if (existsSync(join(folder, "complete"))) return;
    say(`Downloading and unpacking some 100 Debian packages of ${suite}, about 50 MB`);
    const script = join(import.meta.dirname, "unpack-root");
    const { status } = spawnSync(script, [suite, folder], { stdio: "inherit" });
    if (status !== 0) throw new Error(`Cannot unpack Dovecot of ${suite}: see above`);
  });
  return folder;
}
