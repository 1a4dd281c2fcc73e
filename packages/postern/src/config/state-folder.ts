import { join } from "node:path";

/**
 * Where the state file is kept by default: the folder that systemd made (StateDirectory=, systemd.exec(5)),
 * else that of the XDG Base Directory Specification.
 *
 * @returns null if the environment names no absolute folder.
 */
export function stateFolderOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const [given = ""] = (env["STATE_DIRECTORY"] ?? "").split(":");
  if (given.startsWith("/")) return given;
  const xdg = env["XDG_STATE_HOME"] ?? "";
  if (xdg.startsWith("/")) return join(xdg, "postern");
  const home = env["HOME"] ?? "";
  return home.startsWith("/") ? join(home, ".local/state/postern") : null;
}
