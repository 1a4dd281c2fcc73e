import { accountRows } from "./account-rows.ts";

/**
 * Gives up root for good, group memberships first. Does nothing where the process is not root.
 *
 * @param user a name of /etc/passwd.
 * @throws {Error} if the user does not exist or the kernel refuses: the daemon must not go on as root.
 */
export function dropPrivileges(user: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = findUser(user);
  if (uid === 0) throw new Error(`Cannot drop to user ${user}: that is root`);
  // @types/node 24 does not know initgroups(3), Node has had it since 0.9.4.
  (process as { initgroups?: (user: string, group: number) => void }).initgroups?.(user, gid);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/** The group of this process: its name, or its number where /etc/group has none. */
export function ownGroup(): string {
  const gid = String(process.getegid?.() ?? 0);
  const entry = accountRows("/etc/group").find(([, , number]) => number === gid);
  return entry?.[0] ?? gid;
}

function findUser(user: string): { readonly uid: number; readonly gid: number } {
  const entry = accountRows("/etc/passwd").find(([name]) => name === user);
  const uid = Number(entry?.[2]);
  const gid = Number(entry?.[3]);
  if (!Number.isInteger(uid) || !Number.isInteger(gid))
    throw new Error(`Cannot drop to user ${user}: no such user in /etc/passwd`);
  return { uid, gid };
}
