import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderOf, sandboxScript, words } from "./sandbox.ts";
import { commandLine, type Unit } from "./unit-file.ts";

/** Where a service lives. */
export interface ServicePlace {
  readonly root: string;
  /** The file its output goes to. */
  readonly journal: string;
  /** Added to what the unit says, such as MAINPID. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Starts one of a unit's command lines as systemd would: account, folders, umask, environment, sandbox. What the double
 * does not model: capabilities, system call filters, cgroups, notifications.
 * @returns the process; its pid is that of the command.
 */
export function startLine(unit: Unit, line: string, place: ServicePlace): ChildProcess {
  const variables = { ...environmentOf(unit, place.root), ...place.variables };
  const { signs, words: argv } = commandLine(line, variables);
  const user = signs.includes("+") ? undefined : unit.last("User");
  const group = unit.last("Group") ?? user;
  const log = openSync(place.journal, "a");
  const { dev, ino } = fstatSync(log);
  const env = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    JOURNAL_STREAM: `${dev}:${ino}`,
    ...(user !== undefined && { USER: user, LOGNAME: user, HOME: homeOf(place.root, user) }),
    ...directoriesEnvironment(unit),
    ...variables,
  };
  const identity = [
    ...(user === undefined ? [] : ["--reuid", user, "--regid", group ?? user, "--init-groups"]),
    ...(unit.last("NoNewPrivileges") === "yes" ? ["--no-new-privs"] : []),
  ];
  const inside = [
    ...["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
    ...(identity.length > 0 ? ["setpriv", ...identity] : []),
    // env finds the command on PATH, as systemd does.
    ...[
      "sh",
      "-c",
      `umask ${unit.last("UMask") ?? "0022"}; cd ${unit.last("WorkingDirectory") ?? "/"}; exec "$@"`,
    ],
    ...["sh", ...argv],
  ];
  const sandbox = signs.includes("+") ? "" : sandboxScript(unit, place.root);
  const script = `${makeFolders(unit, user, group)}\n${sandbox}\nroot=$1; shift; exec chroot "$root" "$@"`;
  const [program, ...args] =
    sandbox === "" ? ["sh"] : ["unshare", "-m", "--propagation", "private", "sh"];
  const child = spawn(program ?? "sh", [...args, "-ec", script, "sh", place.root, ...inside], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  return child;
}

function makeFolders(unit: Unit, user: string | undefined, group: string | undefined): string {
  const lines: string[] = [];
  for (const key of ["RuntimeDirectory", "StateDirectory", "LogsDirectory"]) {
    const mode = unit.last(`${key}Mode`) ?? "0755";
    const owner = user === undefined ? "root:root" : `${user}:${group ?? user}`;
    for (const name of words(unit, key)) {
      const path = `${folderOf(key)}/${name}`;
      lines.push(
        `chroot "$1" sh -c 'mkdir -p ${path}; chown ${owner} ${path}; chmod ${mode} ${path}'`,
      );
    }
  }
  return lines.join("\n");
}

function directoriesEnvironment(unit: Unit): Readonly<Record<string, string>> {
  const names = {
    RuntimeDirectory: "RUNTIME_DIRECTORY",
    StateDirectory: "STATE_DIRECTORY",
    LogsDirectory: "LOGS_DIRECTORY",
  };
  const made: Record<string, string> = {};
  for (const [key, variable] of Object.entries(names)) {
    const paths = words(unit, key).map((name) => `${folderOf(key)}/${name}`);
    if (paths.length > 0) made[variable] = paths.join(":");
  }
  return made;
}

function environmentOf(unit: Unit, root: string): Record<string, string> {
  const made: Record<string, string> = {};
  const add = (text: string) => {
    const [, name, value = ""] = /^(\w+)=(.*)$/s.exec(text) ?? [];
    if (name !== undefined) made[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  };
  for (const value of unit.all("Environment")) {
    for (const [, double, single, bare] of value.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)) {
      add(double ?? single ?? bare ?? "");
    }
  }
  for (const file of unit.all("EnvironmentFile")) {
    try {
      const text = readFileSync(join(root, file.replace(/^-/, "")), "utf8");
      for (const line of text.split("\n")) add(line.trim());
    } catch (error) {
      if (!file.startsWith("-")) throw error;
    }
  }
  return made;
}

function homeOf(root: string, user: string): string {
  const line = readFileSync(join(root, "etc/passwd"), "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${user}:`));
  return line?.split(":")[5] ?? "/";
}
