import { spawn } from "node:child_process";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { USER } from "./debian-root.ts";

/** Who types a command. */
export type Who = "root" | "user";

/** What a command did. */
export interface Ran {
  readonly exitCode: number;
  /** stdout and stderr in order of arrival. */
  readonly output: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly who?: Who;
  /** "outside" for what fetches: apt, npm, git. Everything else sees only the private network. */
  readonly network?: "inside" | "outside";
  readonly env?: Readonly<Record<string, string>>;
  /** Default: 20 minutes. */
  readonly timeoutMs?: number;
}

/** A Debian root that this process can run commands in. */
export interface Machine {
  /** Its root as this process sees it. */
  readonly root: string;
  /** A shell with the working directory of the one before, as a terminal keeps it. */
  run(script: string, options?: RunOptions): Promise<Ran>;
}

/** Which folders make the root. */
export interface MachineFolders {
  /** From the top down; none of them is written to. */
  readonly layers: readonly string[];
  /** What is changed lands here. */
  readonly changes: string;
  /** Where a clone is put, and who works in it from the start; see pages.ts. */
  readonly clone?: string;
  readonly who: Who;
  /** Scratch: work, root; holds `outside` (see enter) and `resolv.conf`, the caller's. */
  readonly folder: string;
  /** The clone. */
  readonly source: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Mounts a root and all that a running machine has: proc, sys, dev, an empty /run, a host name and its address. Only
 * for a process that `enter` started; its mounts end with it.
 */
export async function openMachine(folders: MachineFolders): Promise<Machine> {
  const { folder } = folders;
  const root = join(folder, "root");
  for (const path of [root, folders.changes, join(folder, "work")]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755);
  }
  const layers = folders.layers.join(":");
  const overlay = `lowerdir=${layers},upperdir=${folders.changes},workdir=${join(folder, "work")}`;
  await writeFile(join(folder, "mounts"), mounts);
  await shell("sh", ["-e", join(folder, "mounts"), root, overlay]);
  await writeFile(join(root, "etc/resolv.conf"), "nameserver 127.0.0.1\n");
  await writeFile(join(root, "etc/hostname"), "mx.example.org\n");
  await writeFile(
    join(root, "etc/hosts"),
    "127.0.0.1 localhost\n::1 localhost\n203.0.113.1 mx.example.org mx\n",
  );
  const folderOf = new Map<Who, string>();
  if (folders.clone !== undefined) {
    const clone = resolve(homeOf(folders.who), folders.clone);
    await cp(folders.source, join(root, clone), { recursive: true });
    if (folders.who === "user") await shell("chroot", [root, "chown", "-R", USER, clone]);
    folderOf.set(folders.who, clone);
  }
  return {
    root,
    run: async (script, options = {}) => {
      const who = options.who ?? "root";
      const home = homeOf(who);
      const note = join(root, "run/working-directory");
      await writeFile(note, folderOf.get(who) ?? home);
      await chmod(note, 0o666);
      const typed = `cd "$(cat /run/working-directory)"\ntrap 'pwd >/run/working-directory' EXIT\n${script}\n`;
      const user = who === "root" ? "root" : USER;
      const ids = ["--reuid", user, "--regid", user, "--init-groups"];
      const env = { HOME: home, USER: user, LOGNAME: user, SHELL: "/bin/bash", TERM: "dumb", PATH };
      const all = Object.entries({ ...env, ...options.env }).map(
        ([name, value]) => `${name}=${value}`,
      );
      const inRoot = ["env", "-i", ...all, "setpriv", ...ids, "bash", "-ec", typed];
      const ran =
        options.network === "outside"
          ? await start(
              "nsenter",
              [`--net=${join(folder, "outside")}`, ...outside(folder, root), ...inRoot],
              options,
            )
          : await start("chroot", [root, ...inRoot], options);
      folderOf.set(who, (await readFile(note, "utf8")).trim());
      await rm(note, { force: true });
      return ran;
    },
  };
}

function homeOf(who: Who): string {
  return who === "root" ? "/root" : `/home/${USER}`;
}

/** The same root with the caller's resolv.conf, for this one command. */
function outside(folder: string, root: string): readonly string[] {
  const script =
    'mount --bind "$1/resolv.conf" "$2/etc/resolv.conf"; root=$2; shift 2; exec chroot "$root" "$@"';
  return ["unshare", "-m", "--propagation", "private", "sh", "-ec", script, "sh", folder, root];
}

const mounts = `
root=$1
mount -t overlay overlay -o "$2" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty; do
  touch "$root/dev/$name"
  mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
for fd in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${fd%:*}" "$root/dev/\${fd#*:}"; done
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir -m 1777 "$root/run/lock"
hostname mx.example.org
# An interface that is not lo, as every server has one.
ip link add eth0 type veth peer name eth0-peer
ip addr add 203.0.113.1/24 dev eth0
ip link set eth0 up
ip link set eth0-peer up
`;

async function shell(command: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await start(command, args, {});
  if (exitCode !== 0) throw new Error(`Cannot prepare the root (${exitCode}):\n${output}`);
}

function start(command: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer) => void chunks.push(chunk);
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 1_200_000);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Not "close": a daemon that the command started may keep the pipes.
    child.once("exit", (code) => {
      clearTimeout(timer);
      setImmediate(() =>
        resolve({ exitCode: code ?? 137, output: Buffer.concat(chunks).toString("utf8") }),
      );
    });
  });
}
