import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Users and groups the mail servers' packages would have added. */
const users = [
  { name: "postfix", id: 64001, home: "/var/spool/postfix" },
  { name: "opensmtpd", id: 64003, home: "/var/lib/opensmtpd/empty" },
  { name: "opensmtpq", id: 64004, home: "/var/lib/opensmtpd/empty" },
  { name: "Debian-exim", id: 64005, home: "/var/spool/exim4" },
  { name: "smmta", id: 64006, home: "/var/lib/sendmail" },
  { name: "smmsp", id: 64007, home: "/var/lib/sendmail" },
] as const;
const groups = [{ name: "postdrop", id: 64002 }] as const;

/**
 * Writes the host's passwd and group files with the mail servers' users added into `directory`. They
 * are seen only inside mtans; the host's own files do not change, and its own entries win.
 */
export async function writeUsers(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  for (const [name, text] of await userFiles()) {
    await writeAtomically(join(directory, name), text);
  }
}

/** Whether {@link writeUsers} would change nothing in `directory`. */
export async function areUsersFresh(directory: string): Promise<boolean> {
  for (const [name, text] of await userFiles()) {
    if ((await readFile(join(directory, name), "utf8").catch(() => "")) !== text) return false;
  }
  return true;
}

async function userFiles(): Promise<readonly (readonly [name: string, text: string])[]> {
  const passwd = users.map(
    ({ name, id, home }) => `${name}:x:${id}:${id}:${name}:${home}:/usr/sbin/nologin`,
  );
  const group = [...users, ...groups].map(({ name, id }) => `${name}:x:${id}:`);
  return [
    ["passwd", await withLines("/etc/passwd", passwd)],
    ["group", await withLines("/etc/group", group)],
  ];
}

async function withLines(hostFile: string, wanted: readonly string[]): Promise<string> {
  const lines = (await readFile(hostFile, "utf8")).trimEnd().split("\n");
  const known = new Set(lines.map((line) => line.split(":")[0]));
  const added = wanted.filter((line) => !known.has(line.split(":")[0]));
  return `${[...lines, ...added].join("\n")}\n`;
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o644 });
  await rename(`${path}.new`, path);
}
