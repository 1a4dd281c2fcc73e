import type { Stats } from "node:fs";
import { chmod, chown, lstat, rename, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import { groupId } from "./accounts.ts";
import { me, ownerOf, whyNoSocketIn } from "./socket-folder.ts";

export interface UnixListener {
  readonly kind: "unix";
  readonly path: string;
  /** As for chmod: 0o660. */
  readonly mode: number;
  /** The MTA's group, a name or a number; null leaves the one of the process, or of a folder with the setgid bit. */
  readonly group: string | null;
}

let made = 0;

/**
 * Makes the server listen on a unix socket. The socket gets its group and mode under another name, so that it never
 * stands there open to others, and so that nobody but {@link removeSocket} takes its name away.
 *
 * @returns its inode.
 * @throws {Error} if it cannot: what stands in the way, whose it is, and the command that helps.
 */
export async function listenOnUnixSocket(server: Server, listener: UnixListener): Promise<number> {
  const { path, mode, group } = listener;
  const gid = group === null ? null : groupId(group);
  if (gid === undefined)
    throw new Error(
      `Cannot give the socket to group ${group}: no such group in /etc/group: correct group, or install the mail server first`,
    );
  const why = (await whyNoSocketIn(listener)) ?? (await whyTaken(path));
  if (why !== undefined) throw new Error(`Cannot listen on unix:${path}: ${why}`);
  made += 1;
  const hidden = join(dirname(path), `.${process.pid}-${made}`);
  await bindPrivately(server, hidden, path);
  try {
    if (gid !== null) await giveTo(hidden, gid, group ?? "");
    await chmod(hidden, mode);
    const { ino } = await lstat(hidden);
    await rename(hidden, path);
    return ino;
  } catch (error) {
    server.close();
    throw new Error(`Cannot listen on unix:${path}: ${messageOf(error)}`, { cause: error });
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

/** Only root and members of a group may give it to a file; the folder's setgid bit gives it by itself. */
async function giveTo(socket: string, gid: number, group: string): Promise<void> {
  if ((await lstat(socket)).gid === gid) return;
  await chown(socket, process.getuid?.() ?? -1, gid).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPERM") throw error;
    const folder = dirname(socket);
    throw new Error(
      `user ${me()} may not give the socket to group ${group}: let the folder do it, with chgrp ${group} ${folder} && chmod g+s ${folder}, or make ${me()} a member, with usermod -aG ${group} ${me()}`,
      { cause: error },
    );
  });
}

/** What stands at the path and must stay; a stale socket is removed. */
async function whyTaken(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error.code ?? "");
  if (found === "ENOENT") return undefined;
  if (typeof found === "string") return `cannot look at it: ${found}`;
  const whose = ownerOf(found);
  if (!found.isSocket())
    return `it is ${kindOf(found)}, not a socket (${whose}): move it away, or choose another path`;
  const answer = await knock(path);
  if (answer === "EACCES")
    return `user ${me()} may not use the socket that stands there (${whose}), so nobody knows whether it is in use: as root, ask with postern ping unix:${path}, and if nothing answers, rm ${path}`;
  // Only these two show that nobody listens; a full backlog (EAGAIN) does not.
  if (answer !== "ECONNREFUSED" && answer !== "ENOENT")
    return `already in use by a process that answers there (${whose}): stop it, or choose another path`;
  const kept = await unlink(path).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code,
  );
  if (kept === undefined || kept === "ENOENT") return undefined;
  return `a stale socket stands there (${whose}), which user ${me()} may not remove (${kept}): as root, rm ${path}`;
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return "a symbolic link";
  if (found.isDirectory()) return "a folder";
  return found.isFile() ? "a file" : "a device or pipe";
}

/** Connects. null: it is answered; otherwise the error's code. */
function knock(path: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const socket = connect({ path });
  socket.once("connect", () => resolve(null));
  socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
