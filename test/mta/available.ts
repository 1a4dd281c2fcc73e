import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Whether tests with a real mail server can run here, and if not, the sentence to print. */
export type Availability =
  | { readonly kind: "available" }
  /** The test is left out; print `reason`. */
  | { readonly kind: "skip"; readonly reason: string }
  /** Leaving the test out would hide a fault: the test must fail with `reason`. */
  | { readonly kind: "forbidden-skip"; readonly reason: string };

/** What the decision rests on. */
export interface Machine {
  readonly isRoot: boolean;
  readonly isDebian: boolean;
  /** The kernel's complaint about new namespaces; undefined when they work. */
  readonly namespaceFault: string | undefined;
  readonly hasOverlay: boolean;
}

type Settings = Readonly<Partial<Record<"POSTERN_REAL_MTA" | "CI", string>>>;

/**
 * Says whether a real mail server can be started on this machine. `POSTERN_REAL_MTA=0` asks to leave
 * such tests out, `CI=true` forbids that. A root user on Debian without namespaces or overlayfs is
 * told so: there a silent skip would hide that nothing was tested.
 */
export function realMtaAvailability(): Availability {
  return decideAvailability(inspectMachine(), {
    ...(process.env["POSTERN_REAL_MTA"] && { POSTERN_REAL_MTA: process.env["POSTERN_REAL_MTA"] }),
    ...(process.env["CI"] && { CI: process.env["CI"] }),
  });
}

/** The pure part of {@link realMtaAvailability}. */
export function decideAvailability(machine: Machine, env: Settings): Availability {
  if (!machine.isRoot || !machine.isDebian) {
    return { kind: "skip", reason: "skipped: needs root on Debian" };
  }
  if (env.POSTERN_REAL_MTA === "0") {
    return env.CI === "true"
      ? {
          kind: "forbidden-skip",
          reason:
            "Cannot skip the real MTAs with POSTERN_REAL_MTA=0 where CI=true: unset one of them",
        }
      : { kind: "skip", reason: "skipped: POSTERN_REAL_MTA=0" };
  }
  if (machine.namespaceFault !== undefined) {
    return {
      kind: "forbidden-skip",
      reason: `Cannot make namespaces (${machine.namespaceFault}): allow CAP_SYS_ADMIN, or set POSTERN_REAL_MTA=0 to go without the real MTAs`,
    };
  }
  if (!machine.hasOverlay) {
    return {
      kind: "forbidden-skip",
      reason:
        "Cannot find overlay in /proc/filesystems: load the kernel module, or set POSTERN_REAL_MTA=0 to go without the real MTAs",
    };
  }
  return { kind: "available" };
}

function inspectMachine(): Machine {
  const isRoot = process.getuid?.() === 0;
  const isDebian = /^ID=["']?debian["']?$/m.test(textOf("/etc/os-release"));
  const mayAsk = isRoot && isDebian;
  return {
    isRoot,
    isDebian,
    namespaceFault: mayAsk ? namespaceFault() : undefined,
    hasOverlay: mayAsk && hasOverlay(),
  };
}

function namespaceFault(): string | undefined {
  const flags = ["-n", "-m", "-u", "-p", "-f", "--mount-proc", "--propagation", "private"];
  const trial = spawnSync("unshare", [...flags, "true"], { encoding: "utf8" });
  if (trial.status === 0) return undefined;
  return trial.error?.message ?? trial.stderr.trim();
}

function hasOverlay(): boolean {
  const isListed = () => /\boverlay$/m.test(textOf("/proc/filesystems"));
  if (isListed()) return true;
  spawnSync("modprobe", ["overlay"], { stdio: "ignore" });
  return isListed();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
