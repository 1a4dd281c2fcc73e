import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceManager } from "./service-manager.ts";

interface Reply {
  readonly code: number;
  readonly text: string;
}

/**
 * Puts the double of systemctl and journalctl into a root, and answers it from here on. What it cannot do it refuses.
 * @param log gets each command with its exit code.
 */
export function answerSystemctl(
  root: string,
  services: ServiceManager,
  log: (line: string) => void,
): void {
  const folder = join(root, "run/systemd-double");
  mkdirSync(folder, { recursive: true });
  execFileSync("mkfifo", ["-m", "600", join(folder, "requests")]);
  // Debian's packages ask for this folder before they start what they bring.
  mkdirSync(join(root, "run/systemd/system"), { recursive: true });
  // apt gives the packages' scripts a PATH without /usr/local, and a package may bring a real one to /usr/bin.
  for (const bin of ["usr/bin", "usr/local/bin"]) {
    const double = join(root, bin, "systemctl");
    copyFileSync(join(import.meta.dirname, "systemd-double"), double);
    chmodSync(double, 0o755);
    rmSync(join(root, bin, "journalctl"), { force: true });
    symlinkSync("systemctl", join(root, bin, "journalctl"));
  }

  // cat, because reading a fifo would keep one of this process's few threads; <> keeps the fifo open.
  const requests = spawn("sh", ["-c", 'exec cat <>"$1"', "sh", join(folder, "requests")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  requests.unref();
  let pending = "";
  requests.stdout.on("data", (chunk: Buffer) => {
    pending += chunk.toString("utf8");
    for (let end = pending.indexOf("\n"); end >= 0; end = pending.indexOf("\n")) {
      const [pid = "", program = "", args = ""] = pending.slice(0, end).split("\t");
      pending = pending.slice(end + 1);
      void answer(
        services,
        program,
        args.split(" ").filter((word) => word !== ""),
      ).then(({ code, text }) => {
        log(`${program} ${args}: ${code}`);
        writeFileSync(join(folder, `reply.${pid}`), `${code}\n${text === "" ? "" : `${text}\n`}`);
      });
    }
  });
}

async function answer(
  services: ServiceManager,
  program: string,
  args: readonly string[],
): Promise<Reply> {
  try {
    return program === "journalctl" ? journalctl(services, args) : await systemctl(services, args);
  } catch (error) {
    return { code: 1, text: error instanceof Error ? error.message : String(error) };
  }
}

async function systemctl(services: ServiceManager, args: readonly string[]): Promise<Reply> {
  const isNow = args.includes("--now");
  const [verb = "", ...units] = args.filter((word) => !word.startsWith("-"));
  const done: Reply = { code: 0, text: "" };
  const each = async (action: (name: string) => Promise<void> | void) => {
    for (const unit of units) {
      // A timer or path unit does nothing while a page is played.
      if (!/\.(timer|path|socket|target)$/.test(unit)) await action(unit);
    }
    return done;
  };
  const restart = async (name: string) => {
    await services.stop(name);
    await services.start(name);
  };
  switch (verb) {
    case "daemon-reload":
    case "preset":
    case "reset-failed":
      return done;
    case "start":
      return each(services.start);
    case "stop":
      return each(services.stop);
    case "restart":
      return each(restart);
    case "try-restart":
      return each((name) => (services.isActive(name) ? restart(name) : undefined));
    case "reload":
      return each(services.reload);
    case "reload-or-restart":
      return each((name) =>
        services.isActive(name) ? services.reload(name) : services.start(name),
      );
    case "enable":
      return each(async (name) => {
        services.enable(name);
        if (isNow) await services.start(name);
      });
    case "disable":
      return each(async (name) => {
        services.disable(name);
        if (isNow) await services.stop(name);
      });
    case "is-active": {
      const isActive = units.every(services.isActive);
      const text =
        args.includes("--quiet") || args.includes("-q") ? "" : isActive ? "active" : "inactive";
      return { code: isActive ? 0 : 3, text };
    }
    case "is-enabled":
      return units.every(services.isEnabled)
        ? { code: 0, text: "enabled" }
        : { code: 1, text: "disabled" };
    case "show":
      return args.join(" ").includes("LoadState")
        ? { code: 0, text: "LoadState=loaded" }
        : { code: 1, text: "" };
    default:
      return { code: 1, text: `The double of systemctl does not know ${args.join(" ")}` };
  }
}

/** `-u UNIT`, `-n LINES`, `-o cat`; as if `-f` had been ended at once. */
function journalctl(services: ServiceManager, args: readonly string[]): Reply {
  let unit: string | undefined;
  let count = 10_000;
  let isBare = false;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    const value = args[at + 1] ?? "";
    if (word === "-u") unit = value;
    else if (word === "-n") count = Number(value);
    else if (word === "-o" && value === "cat") isBare = true;
    else if (word !== "--no-pager")
      return { code: 1, text: `The double of journalctl does not know ${word}` };
    if (["-u", "-n", "-o"].includes(word)) at += 1;
  }
  const lines = services
    .journal(unit)
    .filter((line) => line !== "")
    .slice(-count);
  const head = isBare ? "" : `Nov 24 12:00:00 mx ${unit ?? "all"}[1]: `;
  return { code: 0, text: lines.map((line) => `${head}${line}`).join("\n") };
}
