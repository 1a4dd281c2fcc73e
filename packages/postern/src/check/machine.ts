import { statSync } from "node:fs";
import { accountRows } from "../daemon/account-rows.ts";

/** The accounts and folders of a machine, as far as `check` looks at them. */
export interface Machine {
  account(user: string): Account | undefined;
  hasGroup(group: string): boolean;
  /** How many accounts of people have a shell. */
  logins(): number;
  look(path: string): Place;
}

export interface Account {
  readonly uid: number;
  /** All its groups. */
  readonly gids: readonly number[];
}

export type Place =
  | {
      readonly kind: "folder" | "other";
      readonly uid: number;
      readonly gid: number;
      /** As for chmod. */
      readonly mode: number;
    }
  | { readonly kind: "missing" }
  /** This user may not look. */
  | { readonly kind: "hidden" };

/** UID_MIN of login.defs(5) on the systems of today. */
const FIRST_PERSON = 1000;

/** This machine: /etc/passwd and /etc/group, as the daemon reads them. */
export const thisMachine: Machine = {
  account(user) {
    const entry = accountRows("/etc/passwd").find(([name]) => name === user);
    if (entry === undefined) return undefined;
    const others = accountRows("/etc/group").filter(([, , , members = ""]) =>
      members.split(",").includes(user),
    );
    return {
      uid: Number(entry[2]),
      gids: [Number(entry[3]), ...others.map(([, , gid]) => Number(gid))],
    };
  },
  hasGroup: (group) =>
    /^\d+$/.test(group) || accountRows("/etc/group").some(([name]) => name === group),
  logins: () =>
    accountRows("/etc/passwd").filter(
      ([, , uid, , , , shell = ""]) =>
        Number(uid) >= FIRST_PERSON && shell !== "" && !/\/(?:nologin|false)$/.test(shell),
    ).length,
  look(path) {
    try {
      const found = statSync(path);
      const { uid, gid, mode } = found;
      return { kind: found.isDirectory() ? "folder" : "other", uid, gid, mode: mode & 0o7777 };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { kind: code === "ENOENT" || code === "ENOTDIR" ? "missing" : "hidden" };
    }
  },
};
