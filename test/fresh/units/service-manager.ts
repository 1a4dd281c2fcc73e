import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startLine } from "./start-service.ts";
import { commandLine, fullName, readUnit, type Unit } from "./unit-file.ts";

interface Service {
  readonly unit: Unit;
  /** Of systemd: all processes of a start carry it. */
  readonly invocation: string;
  main?: ChildProcess;
  isWanted: boolean;
}

/** The service manager of a root in which no systemd can run. */
export interface ServiceManager {
  start(name: string): Promise<void>;
  stop(name: string): Promise<void>;
  reload(name: string): Promise<void>;
  isActive(name: string): boolean;
  isEnabled(name: string): boolean;
  enable(name: string): void;
  disable(name: string): void;
  /** What a service printed, or what all of them did. */
  journal(name: string | undefined): readonly string[];
}

/**
 * Starts and ends services by their unit files, and by /etc/init.d where there is only a script.
 * @param folder outside the root, for what the services print.
 */
export function manageServices(root: string, folder: string): ServiceManager {
  const journalFolder = join(folder, "journal");
  mkdirSync(journalFolder, { recursive: true });
  const services = new Map<string, Service>();
  let starts = 0;
  keepSyslog(root, journalFolder);

  const place = (name: string, variables: Readonly<Record<string, string>>) => ({
    root,
    journal: join(journalFolder, name),
    variables,
  });
  const finish = async (unit: Unit, line: string, variables: Readonly<Record<string, string>>) => {
    const child = startLine(unit, line, place(unit.name, variables));
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0 && !commandLine(line, {}).signs.includes("-")) {
      throw new Error(
        `Job for ${unit.name} failed: ${line} ended with ${code ?? "a signal"}\n${tail(unit.name)}`,
      );
    }
  };
  const tail = (name: string) => journal(name).slice(-20).join("\n");
  const journal = (name: string | undefined) => {
    const names = name === undefined ? readdirSync(journalFolder).sort() : [fullName(name)];
    return names.flatMap((file) => {
      const path = join(journalFolder, file);
      return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
    });
  };

  /** The instances of a service that comes in several, as Debian 12's Postfix: what a generator wants with it. */
  const partsOf = (name: string) => {
    const wants = join(root, "run/systemd/generator", `${name}.wants`);
    return existsSync(wants) ? readdirSync(wants) : [];
  };

  const startOne = async (name: string) => {
    const unit = readUnit(root, name);
    if (unit === undefined) return initScript(name, "start");
    if (isActive(unit.name)) return;
    starts += 1;
    const invocation = starts.toString(16).padStart(32, "0");
    const service: Service = { unit, invocation, isWanted: true };
    const variables = { INVOCATION_ID: invocation };
    services.set(unit.name, service);
    for (const line of unit.all("ExecStartPre")) await finish(unit, line, variables);
    const type = unit.last("Type") ?? "simple";
    if (type === "oneshot" || type === "forking") {
      for (const line of unit.all("ExecStart")) await finish(unit, line, variables);
      return;
    }
    const run = () => {
      const before = journal(unit.name).length;
      const child = startLine(unit, unit.last("ExecStart") ?? "", place(unit.name, variables));
      service.main = child;
      child.once("exit", () => {
        if (!service.isWanted || !["always", "on-failure"].includes(unit.last("Restart") ?? "no"))
          return;
        setTimeout(
          () => service.isWanted && run(),
          1000 * Number.parseFloat(unit.last("RestartSec") ?? "0.1"),
        );
      });
      return { child, before };
    };
    const { child, before } = run();
    // The second that a reader needs for the next command: until it has said something, or has ended.
    for (
      let turn = 0;
      turn < 500 && child.exitCode === null && child.signalCode === null;
      turn += 1
    ) {
      if (
        journal(unit.name)
          .slice(before)
          .some((line) => /listening|ready|started|daemon/i.test(line))
      )
        return;
      await sleep(20);
    }
  };

  const initScript = async (name: string, action: string) => {
    const script = join("/etc/init.d", name.replace(/\.service$/, ""));
    if (!existsSync(join(root, script))) throw new Error(`Unit ${fullName(name)} not found.`);
    const child = spawn("chroot", [root, script, action], {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      env: {
        PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
        SYSTEMCTL_SKIP_REDIRECT: "1",
        _SYSTEMCTL_SKIP_REDIRECT: "1",
      },
    });
    let said = "";
    const keep = (chunk: Buffer) => {
      said += chunk;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const [code] = (await once(child, "exit")) as [number | null];
    if (code !== 0)
      throw new Error(`${script} ${action} ended with ${code ?? "a signal"}\n${said}`);
  };

  const stopOne = async (name: string) => {
    const unit = readUnit(root, name);
    if (unit === undefined) return initScript(name, "stop");
    const service = services.get(unit.name);
    if (service === undefined) return;
    service.isWanted = false;
    for (const line of unit.all("ExecStop"))
      await finish(unit, line, { MAINPID: `${mainPid(service) ?? ""}` });
    await endAll(root, service.invocation);
    services.delete(unit.name);
  };

  const isActive = (name: string) => {
    const unit = readUnit(root, name);
    if (unit === undefined) return false;
    const service = services.get(unit.name);
    if (service === undefined) return false;
    if (service.main !== undefined)
      return service.main.exitCode === null && service.main.signalCode === null;
    return (
      unit.last("RemainAfterExit") === "yes" ||
      processesOf(service.invocation).length > 0 ||
      unit.last("ExecStop") !== undefined
    );
  };

  const withParts = async (name: string, action: (each: string) => Promise<unknown>) => {
    runGenerators(root);
    const unit = readUnit(root, name)?.name ?? fullName(name);
    await action(unit);
    for (const part of partsOf(unit)) await action(part);
  };
  const links = (name: string) => {
    const folderOfLinks = join(root, "etc/systemd/system/multi-user.target.wants");
    return join(folderOfLinks, fullName(name));
  };
  return {
    start: (name) => withParts(name, startOne),
    stop: (name) => withParts(name, stopOne),
    reload: (name) =>
      withParts(name, async (each) => {
        const unit = readUnit(root, each);
        if (unit === undefined) return initScript(each, "reload");
        const service = services.get(unit.name);
        if (service === undefined) throw new Error(`${unit.name} is not active, cannot reload.`);
        const lines = unit.all("ExecReload").flatMap((line) => line.split(/\s;\s/));
        if (lines.length === 0)
          throw new Error(`Job type reload is not applicable for unit ${unit.name}.`);
        const before = journal(unit.name).length;
        for (const line of lines)
          await finish(unit, line.trim(), { MAINPID: `${mainPid(service) ?? ""}` });
        // The second that a reader needs for the next command: until it has said what it read.
        for (let turn = 0; turn < 250 && journal(unit.name).length === before; turn += 1) {
          await sleep(20);
        }
      }),
    isActive,
    isEnabled: (name) => statSync(links(name), { throwIfNoEntry: false }) !== undefined,
    enable: (name) => {
      if (readUnit(root, name) === undefined && !existsSync(join(root, "etc/init.d", name))) {
        throw new Error(`Unit ${fullName(name)} does not exist`);
      }
      const path = links(name);
      mkdirSync(join(path, ".."), { recursive: true });
      execFileSync("ln", ["-sf", `/etc/systemd/system/${fullName(name)}`, path]);
    },
    disable: (name) => void execFileSync("rm", ["-f", links(name)]),
    journal,
  };
}

/** Which service a syslog tag belongs to; the journal knows it by the process. */
const tags: Readonly<Record<string, string>> = {
  smtpd: "opensmtpd",
  exim: "exim4",
  sendmail: "sendmail",
};

function keepSyslog(root: string, journalFolder: string): void {
  const devlog = join(import.meta.dirname, "../../mta/devlog");
  const child = spawn(devlog, [`${process.pid}`, join(root, "dev/log")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.unref();
  let pending = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (pending + chunk.toString("utf8")).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      const [, tag = "", text = line] =
        /^\w+ +\d+ [\d:]+ ([^:[]+)(?:\[\d+\])?: (.*)$/.exec(line) ?? [];
      const program = tag.replace(/\/.*/, "");
      appendFileSync(
        join(journalFolder, fullName(tags[program] ?? (program || "syslog"))),
        `${text}\n`,
      );
    }
  });
}

function mainPid(service: Service): number | undefined {
  return service.main?.pid ?? processesOf(service.invocation)[0];
}

/** The processes that carry the invocation's id, and those they started. */
function processesOf(invocation: string): readonly number[] {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const pid = Number(entry);
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z") continue;
      parents.set(pid, Number(parent));
      const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
      if (environment.includes(`INVOCATION_ID=${invocation}`)) found.add(pid);
    } catch {
      // ended meanwhile
    }
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [pid, parent] of parents) {
      if (found.has(parent) && !found.has(pid)) {
        found.add(pid);
        grew = true;
      }
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** SIGTERM to all that a start left, and after 30 s SIGKILL. */
async function endAll(_root: string, invocation: string): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    const pids = processesOf(invocation);
    if (pids.length === 0) return;
    for (const pid of turn === 0 || turn > 590 ? pids : []) {
      try {
        process.kill(pid, turn === 0 ? "SIGTERM" : "SIGKILL");
      } catch {
        // ended meanwhile
      }
    }
    await sleep(50);
  }
}

function runGenerators(root: string): void {
  const folder = "usr/lib/systemd/system-generators";
  const early = "lib/systemd/system-generators";
  const found = [folder, early].find((path) => existsSync(join(root, path)));
  if (found === undefined) return;
  const out = "/run/systemd/generator";
  rmSync(join(root, out), { recursive: true, force: true });
  mkdirSync(join(root, out), { recursive: true });
  for (const name of readdirSync(join(root, found))) {
    if (!name.startsWith("postfix")) continue; // systemd's own are for a booting machine
    execFileSync("chroot", [root, `/${found}/${name}`, out, out, out], { stdio: "ignore" });
  }
}
