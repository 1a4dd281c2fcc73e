import { constants, type Stats } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { groupName, userName } from "./accounts.ts";
import type { UnixListener } from "./unix-socket.ts";

/**
 * Looks at the folder that a unix socket is to stand in.
 *
 * @returns why no socket can be made there, with the command that helps; undefined: one can.
 */
export async function whyNoSocketIn({ path, group }: UnixListener): Promise<string | undefined> {
  const folder = dirname(path);
  const closed = await firstClosed(dirname(folder));
  if (closed !== undefined) return closed;
  const found = await stat(folder).catch(codeOf);
  if (found === "ENOENT") return missing(folder, group);
  if (typeof found === "string") return `cannot look at the folder ${folder}: ${found}`;
  if (!found.isDirectory()) return `${folder} is not a folder`;
  const refused = await access(folder, constants.W_OK | constants.X_OK).then(() => null, codeOf);
  if (refused === null) return undefined;
  if (refused === "EROFS")
    return `the folder ${folder} is read-only for this process: under systemd, add ReadWritePaths=-${folder} to the unit`;
  const why = `user ${me()} may not write in the folder ${folder} (${ownerOf(found)})`;
  // A folder of another name may be everybody's, such as /run: to give it away would be a bad cure.
  if (/(?:^|\/)postern$/.test(folder)) return `${why}: chown ${me()} ${folder}`;
  const own = join(folder, "postern");
  return `${why}: use a folder of its own, unix:${join(own, "milter.sock")}, made with ${makeFolder(own, group)}`;
}

/** Owner, group and mode, as messages show them. */
export function ownerOf({ uid, gid, mode }: Stats): string {
  const bits = (mode & 0o7777).toString(8).padStart(4, "0");
  return `owner ${userName(uid)}:${groupName(gid)}, mode ${bits}`;
}

/** The user of this process. */
export function me(): string {
  return userName(process.geteuid?.() ?? 0);
}

function missing(folder: string, group: string | null): string {
  const unit = /^(?:\/var)?\/run\/([^/]+)$/.exec(folder)?.[1];
  const hint = unit === undefined ? "" : `, or under systemd with RuntimeDirectory=${unit}`;
  return `the folder ${folder} does not exist: make it with ${makeFolder(folder, group)}${hint}`;
}

/** Sockets in it get the folder's group, by its setgid bit. */
function makeFolder(folder: string, group: string | null): string {
  const whose = group ?? groupName(process.getegid?.() ?? 0);
  return `install -d -o ${me()} -g ${whose} -m 2750 ${folder}`;
}

/** The first folder on the way, seen from the root, that this user cannot go through. */
async function firstClosed(folder: string): Promise<string | undefined> {
  if (folder !== "/") {
    const above = await firstClosed(dirname(folder));
    if (above !== undefined) return above;
  }
  const found = await stat(folder).catch(codeOf);
  if (found === "ENOENT") return undefined;
  if (typeof found === "string") return `cannot look at the folder ${folder}: ${found}`;
  if (!found.isDirectory()) return `${folder} is not a folder`;
  if ((await access(folder, constants.X_OK).then(() => null, codeOf)) === null) return undefined;
  return `user ${me()} may not enter the folder ${folder} (${ownerOf(found)}): chmod o+x ${folder}, or choose another path`;
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
