import { chmod, chown, lstat, readFile, unlink } from "node:fs/promises";
import { connect } from "node:net";
import type { UnixAddress } from "./address.ts";

/**
 * Takes away the socket that a daemon left behind.
 *
 * @throws {Error} if what is there is no socket, or something answers on it.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`Cannot listen on unix:${path}: ${error.message}`, { cause: error });
  });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`Cannot listen on unix:${path}: it is not a socket`);
  if (await isAnswering(path))
    throw new Error(`Cannot listen on unix:${path}: another process answers there`);
  await unlink(path);
}

/** Only a refused connection shows that nobody listens. */
function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT"),
    );
  });
}

/**
 * Gives the socket its group and its mode, in this order.
 *
 * @throws {Error} if the group is unknown, or we may not.
 */
export async function giveAccess({ path, mode, group }: UnixAddress): Promise<void> {
  if (group !== undefined) await chown(path, -1, await groupId(group));
  if (mode !== undefined) await chmod(path, mode);
}

/** getgrnam(3) without the C library: what /etc/group says. */
async function groupId(group: string | number): Promise<number> {
  if (typeof group === "number" || /^\d+$/.test(group)) return Number(group);
  const lines = (await readFile("/etc/group", "utf8")).split("\n");
  const fields = lines.map((line) => line.split(":")).find(([name]) => name === group);
  if (fields?.[2] === undefined)
    throw new Error(`Cannot give the socket to group ${group}: it is not in /etc/group`);
  return Number(fields[2]);
}
