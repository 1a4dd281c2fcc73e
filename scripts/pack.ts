/*
 * npm run pack: writes postern-VERSION.tgz, for `npm install -g ./postern-VERSION.tgz`. In it lies every package that
 * the lock names for a user, so that what runs is what was tested; npm fetches only the Node for the machine.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { lockEntries } from "./lock-entries.ts";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

const root = join(import.meta.dirname, "..");
const target = resolve(process.argv[2] ?? root);
const folder = await mkdtemp(join(tmpdir(), "postern-pack-"));
try {
  process.stdout.write(`${await pack(join(folder, "package"))}\n`);
} catch (error) {
  process.stderr.write(`npm run pack: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 69;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function pack(stage: string): Promise<string> {
  const main = await copyOwn(join(root, "packages/postern"), stage);
  const bundled: Manifest[] = [];
  for (const name of await readdir(join(root, "packages"))) {
    if (name === "postern") continue;
    const own = await copyOwn(
      join(root, "packages", name),
      join(stage, "node_modules/@postern", name),
    );
    bundled.push(own);
  }
  const { name: vmc } = await manifestOf(join(root, "vendor/no-bimi"));
  await cp(join(root, "vendor/no-bimi"), join(stage, "node_modules", vmc), { recursive: true });
  bundled.push(await manifestOf(join(root, "vendor/no-bimi")));
  for (const { path } of (await lockEntries(root)).filter(isBundled)) {
    await cp(join(root, path), join(stage, path), { recursive: true });
    // What lies deeper belongs to its parent.
    if (path.lastIndexOf("node_modules/") === 0) bundled.push(await manifestOf(join(root, path)));
  }
  const { optionalDependencies } = await manifestOf(root);
  // It brings its Node, so npm need not warn about the machine's.
  const { engines: _, ...rest } = main;
  const manifest = {
    ...rest,
    dependencies: Object.fromEntries(bundled.map(({ name, version }) => [name, version])),
    bundleDependencies: bundled.map(({ name }) => name),
    optionalDependencies,
  };
  await writeFile(join(stage, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ["LICENSE", "README.md"]) await cp(join(root, file), join(stage, file));
  const tarball = join(target, `postern-${main.version}.tgz`);
  const plain = [
    "--sort=name",
    "--mtime=1985-10-26",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
  ];
  execFileSync("tar", [...plain, "-czf", tarball, "-C", join(stage, ".."), "package"]);
  return tarball;
}

function isBundled({ isDev, isOptional }: { isDev: boolean; isOptional: boolean }): boolean {
  return !isDev && !isOptional;
}

/** Copies what a package of ours runs by: no sources, no types. */
async function copyOwn(from: string, to: string): Promise<Manifest> {
  await mkdir(to, { recursive: true });
  for (const part of ["package.json", "bin", "dist", "policies"])
    await cp(join(from, part), join(to, part), {
      recursive: true,
      filter: (path) => !/\.(?:d\.ts|map|tsbuildinfo)$|\.test\.js$/.test(path),
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      if (part === "dist") throw new Error(`${join(from, part)} does not exist: npm run build`);
    });
  return manifestOf(from);
}

async function manifestOf(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(path, "package.json"), "utf8")) as Manifest;
}
