import { readdir, readFile, readlink } from "node:fs/promises";

/** One process as /proc shows it; zombies are left out. */
export interface ProcessEntry {
  readonly pid: number;
  readonly session: number;
  readonly command: string;
}

/** All processes of this pid namespace. */
export async function listProcesses(): Promise<readonly ProcessEntry[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map((pid) => processEntry(Number(pid))));
  return entries.filter((entry) => entry !== undefined);
}

/** The processes of the session that `leader` began, the leader among them. */
export async function sessionMembers(leader: number): Promise<readonly number[]> {
  const entries = await listProcesses();
  return entries.filter(({ session }) => session === leader).map(({ pid }) => pid);
}

/** The processes that are in a network namespace, named as `net:[4026531840]`. */
export function processesIn(namespace: string): Promise<readonly ProcessEntry[]> {
  return processesOf("net", namespace);
}

/** The processes that are in a namespace of that kind, named as `mnt:[4026531841]`. */
export async function processesOf(
  kind: "net" | "mnt",
  namespace: string,
): Promise<readonly ProcessEntry[]> {
  const found: ProcessEntry[] = [];
  for (const entry of await listProcesses()) {
    const its = await readlink(`/proc/${entry.pid}/ns/${kind}`).catch(() => "");
    if (its === namespace) found.push(entry);
  }
  return found;
}

/** The name of a process's mount namespace; undefined when there is no such process. */
export function mountNamespace(pid: number | "self"): Promise<string | undefined> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => undefined);
}

/**
 * Whether something listens on a TCP port of any address, asked from the kernel: no connection is
 * made that a mail server would show its filters.
 */
export async function isListening(port: number): Promise<boolean> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const text = await readFile(table, "utf8").catch(() => "");
    for (const line of text.split("\n")) {
      const [, local, , state] = line.trim().split(/\s+/);
      if (local?.endsWith(suffix) && state === "0A") return true;
    }
  }
  return false;
}

async function processEntry(pid: number): Promise<ProcessEntry | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // pid (command) state ppid pgrp session ...; the command may hold blanks and parentheses
  const [, command, rest] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
  const fields = rest?.split(" ");
  if (command === undefined || fields?.[3] === undefined || fields[0] === "Z") return undefined;
  return { pid, session: Number(fields[3]), command };
}
