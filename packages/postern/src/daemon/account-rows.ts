import { readFileSync } from "node:fs";

/** The rows of passwd(5) or group(5), split at their colons; none where there is no such file, as in some containers. */
export function accountRows(file: "/etc/passwd" | "/etc/group"): readonly (readonly string[])[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
