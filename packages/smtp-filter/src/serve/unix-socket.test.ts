import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const MODULE = join(import.meta.dirname, "unix-socket.ts");
const NOBODY = 65_534;
const GROUP = 1;

/** Listens as user nobody, and says what came of it. */
const CHILD = `
const { createServer } = await import("node:net");
const { listenOnUnixSocket } = await import(process.argv[1]);
process.setgroups([]);
process.setgid(${NOBODY});
process.setuid(${NOBODY});
const server = createServer();
try {
  await listenOnUnixSocket(server, JSON.parse(process.argv[2]));
  console.log("listening " + (await import("node:fs")).lstatSync(JSON.parse(process.argv[2]).path).gid);
  process.kill(process.pid, "SIGKILL");
} catch (error) {
  console.log(error.message);
}
`;

function listenAsNobody(
  path: string,
  group: string | null,
  command: readonly [string, ...string[]] = [process.execPath],
): string {
  const listener = JSON.stringify({ kind: "unix", path, mode: 0o660, group });
  const [program, ...first] = command;
  const args = [...first, "--input-type=module", "-e", CHILD, MODULE, listener];
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.trim();
}

/** A socket that nobody listens on any more. */
function leaveStale(path: string): void {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  assert.ok(lstatSync(path).isSocket());
}

interface Case {
  readonly name: string;
  readonly group?: string;
  /** Below the folder of the case. Default: postern/p.sock. */
  readonly at?: string;
  /** @param own the folder `postern`, which belongs to nobody. */
  readonly make: (own: string) => void;
  /** With FOLDER for the folder of the case. */
  readonly says: string;
  readonly leaves?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "a folder that does not exist, with a group",
    group: "daemon",
    make: (own) => rmSync(own, { recursive: true }),
    says: "the folder FOLDER/postern does not exist: make it with install -d -o nobody -g daemon -m 2750 FOLDER/postern",
  },
  {
    name: "a folder of ours that belongs to root",
    make: (own) => chownSync(own, 0, 0),
    says: "user nobody may not write in the folder FOLDER/postern (owner root:root, mode 0755): chown nobody FOLDER/postern",
  },
  {
    name: "a folder that is everybody's: one of our own in it",
    at: "p.sock",
    make: () => {},
    says: "user nobody may not write in the folder FOLDER (owner root:root, mode 0755): use a folder of its own, unix:FOLDER/postern/milter.sock, made with install -d -o nobody -g nogroup -m 2750 FOLDER/postern",
  },
  {
    name: "a closed folder on the way",
    at: "postern/deep/p.sock",
    make: (own) => {
      mkdirSync(join(own, "deep"));
      chownSync(own, 0, 0);
      chmodSync(own, 0o700);
    },
    says: "user nobody may not enter the folder FOLDER/postern (owner root:root, mode 0700): chmod o+x FOLDER/postern, or choose another path",
    leaves: ["deep"],
  },
  {
    name: "a folder that is a file",
    make: (own) => {
      rmSync(own, { recursive: true });
      writeFileSync(own, "");
    },
    says: "FOLDER/postern is not a folder",
  },
  {
    name: "a socket of another user that this one may not use",
    make: (own) => {
      leaveStale(join(own, "p.sock"));
      chmodSync(join(own, "p.sock"), 0o600);
    },
    says: "user nobody may not use the socket that stands there (owner root:root, mode 0600), so nobody knows whether it is in use: as root, ask with postern ping unix:FOLDER/postern/p.sock, and if nothing answers, rm FOLDER/postern/p.sock",
    leaves: ["p.sock"],
  },
  {
    name: "a stale socket of another user in a sticky folder",
    make: (own) => {
      leaveStale(join(own, "p.sock"));
      chmodSync(join(own, "p.sock"), 0o666);
      chownSync(own, 0, 0);
      chmodSync(own, 0o1777);
    },
    says: "a stale socket stands there (owner root:root, mode 0666), which user nobody may not remove (EPERM): as root, rm FOLDER/postern/p.sock",
    leaves: ["p.sock"],
  },
  {
    name: "a file",
    make: (own) => writeFileSync(join(own, "p.sock"), "", { mode: 0o600 }),
    says: "it is a file, not a socket (owner root:root, mode 0600): move it away, or choose another path",
    leaves: ["p.sock"],
  },
  {
    name: "a group that this user is not in",
    group: "daemon",
    make: () => {},
    says: "user nobody may not give the socket to group daemon: let the folder do it, with chgrp daemon FOLDER/postern && chmod g+s FOLDER/postern, or make nobody a member, with usermod -aG daemon nobody",
    leaves: [],
  },
];

const skip = process.getuid?.() === 0 ? false : "needs root, to make what belongs to another user";

function inFolder(action: (folder: string, own: string) => void | Promise<void>) {
  return async (): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), "postern-socket-"));
    try {
      chmodSync(folder, 0o755);
      const own = join(folder, "postern");
      mkdirSync(own, { mode: 0o755 });
      chownSync(own, NOBODY, NOBODY);
      await action(folder, own);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

for (const { name, group = null, at = "postern/p.sock", make, says, leaves } of cases)
  test(
    `listenOnUnixSocket: ${name}`,
    { skip },
    inFolder((folder, own) => {
      make(own);
      const path = join(folder, at);
      const expected = says.replaceAll("FOLDER", folder);
      assert.equal(listenAsNobody(path, group), `Cannot listen on unix:${path}: ${expected}`);
      if (leaves !== undefined) assert.deepEqual(readdirSync(own), leaves);
    }),
  );

test(
  "listenOnUnixSocket: a folder with the setgid bit gives its group to a user who is not in it",
  { skip },
  inFolder((_, own) => {
    chownSync(own, NOBODY, GROUP);
    chmodSync(own, 0o2750);
    for (const group of ["daemon", null])
      assert.equal(listenAsNobody(join(own, "p.sock"), group), `listening ${GROUP}`);
  }),
);

test(
  "listenOnUnixSocket: a folder that the unit leaves read-only",
  { skip },
  inFolder((_, own) => {
    const path = join(own, "p.sock");
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
    const mounted = ["unshare", "-m", "sh", "-c", readOnly, own, process.execPath] as const;
    assert.equal(
      listenAsNobody(path, null, mounted),
      `Cannot listen on unix:${path}: the folder ${own} is read-only for this process: under systemd, add ReadWritePaths=-${own} to the unit`,
    );
  }),
);

test(
  "listenOnUnixSocket: another user's process answers there: whose it is, and it stays",
  { skip },
  inFolder(async (folder, own) => {
    const path = join(own, "p.sock");
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(path, resolve));
    chmodSync(path, 0o666);
    const { ino } = lstatSync(path);
    try {
      assert.equal(
        listenAsNobody(join(folder, "postern/p.sock"), null),
        `Cannot listen on unix:${path}: already in use by a process that answers there (owner root:root, mode 0666): stop it, or choose another path`,
      );
      assert.equal(lstatSync(path).ino, ino);
    } finally {
      server.close();
    }
  }),
);
