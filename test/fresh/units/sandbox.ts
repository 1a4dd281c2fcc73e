import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Unit } from "./unit-file.ts";

/**
 * The mounts that a unit asks for, as a shell script with the root as $1, to be run in a mount namespace of the
 * service's own: ProtectSystem, ProtectHome, PrivateTmp and ReadWritePaths of systemd.exec(5).
 * Empty where the unit asks for none: in another namespace start-stop-daemon does not know the program of a process.
 * @throws {Error} if a path in ReadWritePaths does not exist; systemd says 226/NAMESPACE then.
 */
export function sandboxScript(unit: Unit, root: string): string {
  const asked = ["ProtectSystem", "ProtectHome", "PrivateTmp"];
  if (asked.every((key) => ["no", "false"].includes(unit.last(key) ?? "no"))) return "";
  const lines = ["set -e", 'mount --rbind "$1" "$1"'];
  const system = unit.last("ProtectSystem") ?? "no";
  const writable = ["RuntimeDirectory", "StateDirectory", "LogsDirectory"].flatMap((key) =>
    words(unit, key).map((name) => join(folderOf(key), name)),
  );
  for (const path of words(unit, "ReadWritePaths")) {
    const [, sign = "", plain = ""] = /^([-+]*)(.*)$/.exec(path) ?? [];
    if (existsSync(join(root, plain))) writable.push(plain);
    else if (!sign.includes("-")) {
      throw new Error(`status=226/NAMESPACE: ReadWritePaths ${plain} does not exist`);
    }
  }
  for (const path of writable) lines.push(`mount --rbind "$1${path}" "$1${path}"`);
  if (unit.last("PrivateTmp") === "yes" || unit.last("PrivateTmp") === "true") {
    for (const path of ["/tmp", "/var/tmp"])
      lines.push(`mount -t tmpfs -o mode=1777 tmpfs "$1${path}"`);
  }
  const closed: Readonly<Record<string, readonly string[]>> = {
    strict: ["", "/run"],
    full: ["/usr", "/etc"],
    true: ["/usr"],
    yes: ["/usr"],
  };
  for (const path of closed[system] ?? []) {
    if (path !== "" && path !== "/run") lines.push(`mount --bind "$1${path}" "$1${path}"`);
    lines.push(`mount -o remount,bind,ro "$1${path}"`);
  }
  if (["yes", "true"].includes(unit.last("ProtectHome") ?? "no")) {
    for (const path of ["/home", "/root"])
      lines.push(`mount -t tmpfs -o mode=000 tmpfs "$1${path}"`);
  }
  return lines.join("\n");
}

/** Where systemd makes the folders of RuntimeDirectory, StateDirectory and LogsDirectory. */
export function folderOf(key: string): string {
  if (key === "RuntimeDirectory") return "/run";
  return key === "LogsDirectory" ? "/var/log" : "/var/lib";
}

/** All words of a key that may stand several times. */
export function words(unit: Unit, key: string): readonly string[] {
  return unit.all(key).flatMap((value) => value.split(/\s+/).filter((word) => word !== ""));
}
