import { readFileSync } from "node:fs";

/** The number of a group of /etc/group, or of digits; undefined: there is none. */
export function groupId(group: string): number | undefined {
  if (/^\d+$/.test(group)) return Number(group);
  const entry = entries("/etc/group").find(([name]) => name === group);
  return entry?.[2] === undefined ? undefined : Number(entry[2]);
}

/** The name of a user of /etc/passwd; its number where there is none. */
export function userName(uid: number): string {
  return nameIn("/etc/passwd", uid);
}

/** The name of a group of /etc/group; its number where there is none. */
export function groupName(gid: number): string {
  return nameIn("/etc/group", gid);
}

function nameIn(file: string, id: number): string {
  return entries(file).find(([, , number]) => number === String(id))?.[0] ?? String(id);
}

function entries(file: string): readonly (readonly string[])[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return []; // A container without the file: numbers do.
  }
}
