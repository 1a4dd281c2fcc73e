import { dirname } from "node:path";
import type { Config } from "../config/config-types.ts";
import type { UnixListener } from "../config/listener.ts";
import type { Account, Machine, Place } from "./machine.ts";
import { type Remark, warning } from "./remark.ts";
import { nameOf } from "./site-remarks.ts";

/**
 * The user, groups and folders that the daemon needs. A warning, not an error: a configuration may be checked on another
 * machine than the one it is for.
 */
export function accountRemarks(config: Config, machine: Machine): readonly Remark[] {
  const { user, listen, state } = config;
  const account = user === null ? undefined : machine.account(user);
  const sockets = [...listen.milter, ...listen.exim, ...listen.learn].flatMap((one) =>
    one.kind === "unix" ? [one] : [],
  );
  const who = account === undefined || user === null ? null : { name: user, account };
  return [
    ...(user !== null && account === undefined
      ? [
          warning(
            `user ${user} does not exist (/etc/passwd), so the daemon will not start as root: make it with useradd --system --no-create-home --shell /usr/sbin/nologin ${user}, or correct user`,
          ),
        ]
      : []),
    ...sockets.flatMap((socket) => socketRemarks(socket, who, machine)),
    ...openToUsers(config, machine),
    // The default place depends on who starts the daemon.
    ...(state.kind === "sqlite" && state.isDefault !== true
      ? stateRemarks(state.path, who, machine)
      : []),
  ];
}

/** A port has no mode: whoever is on the machine can connect to it. */
function openToUsers({ listen }: Config, machine: Machine): readonly Remark[] {
  const ports = [...listen.milter, ...listen.exim].filter(({ kind }) => kind === "inet");
  const logins = ports.length === 0 ? 0 : machine.logins();
  if (logins === 0) return [];
  return [
    {
      level: "hint",
      text: `every user of this machine can connect to ${ports.map(nameOf).join(" and ")}, and ${logins} ${logins === 1 ? "account has" : "accounts have"} a shell: listen on a unix socket in a folder of the mail server's group, which they cannot open`,
    },
  ];
}

interface Who {
  readonly name: string;
  readonly account: Account;
}

function socketRemarks(
  { path, group }: UnixListener,
  who: Who | null,
  machine: Machine,
): readonly Remark[] {
  const folder = dirname(path);
  const owner = `${who?.name ?? "postern"}`;
  const remarks: Remark[] = [];
  if (group !== null && !machine.hasGroup(group))
    remarks.push(
      warning(
        `group ${group} of unix:${path} does not exist (/etc/group), so the socket cannot be opened: install the mail server first, or correct group`,
      ),
    );
  const place = machine.look(folder);
  if (place.kind === "missing") {
    const make = `install -d -o ${owner} -g ${group ?? owner} -m 2750 ${folder}`;
    const [, unit] = /^(?:\/var)?\/run\/([^/]+)(?:\/[^/]+)?$/.exec(folder) ?? [];
    // Such a folder is there only while the unit runs.
    remarks.push(
      unit === undefined
        ? warning(`the folder of unix:${path} does not exist: make it with ${make}`)
        : {
            level: "hint",
            text: `the folder of unix:${path} does not exist now: a unit with RuntimeDirectory=${unit} makes it, as the shipped one does for postern; without one, ${make}`,
          },
    );
  } else if (place.kind === "other") {
    remarks.push(warning(`unix:${path} cannot be opened: ${folder} is not a folder`));
  } else if (who !== null && place.kind === "folder" && !mayUse(place, who.account, WRITE_IN)) {
    remarks.push({
      level: "hint",
      text: `user ${who.name} may not write in ${folder} (mode ${octal(place)}): root opens unix:${path} there, but its name stays behind when the daemon stops; chown ${who.name} ${folder}`,
    });
  }
  return remarks;
}

function stateRemarks(path: string, who: Who | null, machine: Machine): readonly Remark[] {
  const folder = dirname(path);
  const place = machine.look(folder);
  const owner = who?.name ?? "postern";
  const make = `install -d -o ${owner} -g ${owner} -m 2770 ${folder}`;
  const lost = "what is learned would be lost";
  if (place.kind === "hidden") return [];
  if (place.kind === "other") return [warning(`state: ${folder} is not a folder: ${lost}`)];
  if (place.kind === "missing") {
    if (who === null)
      return [
        {
          level: "hint",
          text: `state: the folder ${folder} does not exist now: a daemon started as root makes it, as does a unit with StateDirectory=; otherwise, ${make}`,
        },
      ];
    const above = machine.look(dirname(folder));
    return above.kind === "folder" && mayUse(above, who.account, WRITE_IN)
      ? []
      : [warning(`state: the folder ${folder} does not exist, so ${lost}: make it with ${make}`)];
  }
  if (who === null) return [];
  const file = machine.look(path);
  const closed = !mayUse(place, who.account, WRITE_IN)
    ? { what: `in ${folder}`, place, cure: make }
    : file.kind === "other" && !mayUse(file, who.account, READ_AND_WRITE)
      ? { what: path, place: file, cure: `chown ${owner}:${owner} ${path}*` }
      : undefined;
  if (closed === undefined) return [];
  return [
    warning(
      `state: user ${who.name} may not write ${closed.what} (mode ${octal(closed.place)}), so ${lost}: ${closed.cure}`,
    ),
  ];
}

const WRITE_IN = 0o3;
const READ_AND_WRITE = 0o6;

/** By owner, group and mode (path_resolution(7)); ACLs may say otherwise. */
function mayUse(
  { uid, gid, mode }: Exclude<Place, { kind: "missing" | "hidden" }>,
  account: Account,
  bits: number,
): boolean {
  if (account.uid === 0) return true;
  const shift = account.uid === uid ? 6 : account.gids.includes(gid) ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

function octal({ mode }: Exclude<Place, { kind: "missing" | "hidden" }>): string {
  return mode.toString(8).padStart(4, "0");
}
