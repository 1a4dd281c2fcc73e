import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type PackedClone, packedClone } from "./packed-clone.ts";

/*
 * What a user gets: the lists of `npm pack`, and the program installed from the tarball of `npm run pack` into an empty
 * folder. Nothing is fetched: the Node that the tarball asks npm for is this clone's.
 */

const ROOT = join(import.meta.dirname, "../..");
const NODE = `node_modules/node-linux-${process.arch}`;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
}

describe("what is packed", () => {
  let packed: PackedClone;
  before(() => {
    packed = packedClone();
  });
  after(() => packed[Symbol.dispose]());

  /** @throws {AssertionError} with all that was printed, unless it ends with 0. */
  function run(cwd: string, command: string, ...args: readonly string[]) {
    const env = {
      PATH: process.env["PATH"],
      HOME: packed.user,
      npm_config_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
    };
    const result = spawnSync(command, args, { cwd, encoding: "utf8", env, timeout: 300_000 });
    const told = `${command} ${args.join(" ")}: ${result.error?.message ?? ""}\n${result.stdout}${result.stderr}`;
    assert.equal(result.status, 0, told);
    return result;
  }

  test("npm pack: each package is what its exports and bin name, without tests and sources", () => {
    const listed = run(packed.clone, "npm", "pack", "--dry-run", "--json", "--workspaces").stdout;
    const tarballs = Object.values(JSON.parse(listed)) as {
      readonly name: string;
      readonly files: readonly { readonly path: string }[];
    }[];
    const packages = readdirSync(join(packed.clone, "packages"));
    assert.ok(packages.length > 7, packages.join(" "));
    for (const folder of packages) {
      const path = join(packed.clone, "packages", folder, "package.json");
      const { name, exports, bin } = JSON.parse(readFileSync(path, "utf8")) as Manifest;
      const files = tarballs.find((tarball) => tarball.name === name)?.files.map((f) => f.path);
      assert.ok(files !== undefined, name);
      assert.deepEqual(
        files.filter(
          (file) => !/^(?:(?:dist|bin|policies)\/|[A-Z]+\.md$|package\.json$)/.test(file),
        ),
        [],
        name,
      );
      assert.deepEqual(files.filter(isTest), [], name);
      const named = Object.values(exports).flatMap(({ types, default: main }) => [types, main]);
      for (const file of [...named, ...Object.values(bin ?? {})])
        if (file !== undefined)
          assert.ok(files.includes(file.replace("./", "")), `${name}: ${file}`);
    }
  });

  test("npm run pack: holds no test, no type and no source", () => {
    run(packed.clone, "scripts/run", "node", "scripts/pack.ts", packed.user);
    const files = run(packed.user, "tar", "-tzf", "postern-0.1.0.tgz").stdout.trim().split("\n");
    const own = files.filter((file) => !/\/node_modules\/(?!@postern\/)/.test(file));
    assert.ok(own.length > 300, String(own.length));
    assert.deepEqual(own.filter(isTest), []);
    assert.deepEqual(
      files.filter((file) => /\.(?:ts|map|tsbuildinfo)$/.test(file)),
      [],
    );
  });

  test("npm install --omit=dev of the tarball: the program works, and npm says nothing", {
    skip: existsSync(join(ROOT, NODE)) ? false : `this clone has no ${NODE}`,
  }, () => {
    const { user } = packed;
    writeFileSync(join(user, "package.json"), '{ "private": true }');
    const own = ["./postern-0.1.0.tgz", join(ROOT, NODE)];
    const install = ["install", "--install-links=false", "--omit=dev", ...own];
    assert.equal(run(user, "npm", ...install).stderr, "");
    const postern = join(user, "node_modules/.bin/postern");
    assert.equal(run(user, postern, "--version").stdout, "postern 0.1.0\n");
    writeFileSync(join(user, "postern.yaml"), `state: sqlite:${user}/state.db\n`);
    assert.match(run(user, postern, "check", "--all").stdout, /(\d+) of \1 examples hold/);
    // The file is kept by threads, whose code no import names.
    run(user, postern, "reputation", "set", "domain:example.org", "90");
    assert.match(run(user, postern, "reputation", "list").stdout, /example\.org/);
    writeFileSync(join(user, "empty.json"), "{}");
    const asked = ["--dns", "empty.json", "--ip", "192.0.2.1", "--helo", "a.example"];
    assert.match(run(user, postern, "try", ...asked).stdout, /192\.0\.2\.1/);
  });
});

function isTest(file: string): boolean {
  return /\/(?:testing|test-support|fixtures)[/.]|\.test\./.test(file);
}
