import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where unpacked MTA packages are kept: `POSTERN_MTA_CACHE`, else `~/.cache/postern-mta`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const configured = env["POSTERN_MTA_CACHE"];
  return configured ? resolve(configured) : join(homedir(), ".cache", "postern-mta");
}
