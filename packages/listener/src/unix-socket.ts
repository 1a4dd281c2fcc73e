import { readFileSync } from "node:fs";
import { chmod, chown, lstat, rename, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";

export interface UnixListener {
  readonly kind: "unix";
  readonly path: string;
  /** As for chmod: 0o660. */
  readonly mode: number;
  /** The MTA's group, a name or a number; null leaves the one of the process. */
  readonly group: string | null;
}

let made = 0;

/**
 * Makes the server listen on a unix socket. The socket gets its group and mode under another name, so that it never
 * stands there open to others, and so that nobody but {@link removeSocket} takes its name away.
 *
 * @returns its inode.
 * @throws {Error} if the path is not a socket, a filter answers on it, or the system refuses.
 */
export async function listenOnUnixSocket(server: Server, listener: UnixListener): Promise<number> {
  const { path, mode, group } = listener;
  await refuseUsedPath(path);
  const gid = group === null ? null : groupId(group);
  made += 1;
  const hidden = join(dirname(path), `.${process.pid}-${made}`);
  await bindPrivately(server, hidden, path);
  try {
    if (gid !== null) await chown(hidden, process.getuid?.() ?? -1, gid);
    await chmod(hidden, mode);
    const { ino } = await lstat(hidden);
    await rename(hidden, path);
    return ino;
  } catch (error) {
    server.close();
    throw new Error(`Cannot prepare unix socket ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** Removes the socket from the file system, unless another process has replaced it. */
export async function removeSocket(path: string, ino: number): Promise<void> {
  try {
    if ((await lstat(path)).ino === ino) await unlink(path);
  } catch {
    // Already removed, or the folder is no longer writable: the next start finds a stale socket.
  }
}

async function refuseUsedPath(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new Error(`Cannot look at unix socket ${path}: ${error.message}`, { cause: error });
  });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new Error(`Cannot listen on ${path}: it is not a socket but something else`);
  if (await isAnswered(path))
    throw new Error(`Cannot listen on ${path}: already in use by a process that answers there`);
  await unlink(path);
}

/** Only ECONNREFUSED shows that nobody listens; a full backlog (EAGAIN) or missing permission does not. */
function isAnswered(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ path });
  socket.once("connect", () => resolve(true));
  socket.once("error", (error: NodeJS.ErrnoException) =>
    resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"),
  );
  return promise.finally(() => socket.destroy());
}

/** Binding is done within `listen`, so the umask of the process is tight for that moment only. */
function bindPrivately(server: Server, hidden: string, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) =>
    reject(new Error(`Cannot listen on unix:${path}: ${error.message}`, { cause: error })),
  );
  server.once("listening", resolve);
  const umask = process.umask(0o177);
  try {
    server.listen({ path: hidden });
  } finally {
    process.umask(umask);
  }
  return promise.finally(() => server.removeAllListeners("error"));
}

function groupId(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of readFileSync("/etc/group", "utf8").split("\n")) {
    const [name, , gid] = line.split(":");
    if (name === group && gid !== undefined) return Number(gid);
  }
  throw new Error(`Cannot give the socket to group ${group}: no such group in /etc/group`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
