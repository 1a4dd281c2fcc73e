/*
 * npm run pack: writes postern-VERSION.tgz, for `npm install -g ./postern-VERSION.tgz`. In it lies every package that
 * the lock names for a user, so that what runs is what was tested; npm fetches only the Node for the machine.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
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
    await cp(join(root, path), join(stage, path), {
      recursive: true,
      dereference: true,
      filter: isRun,
    });
    // What lies deeper belongs to its parent.
    if (path.lastIndexOf("node_modules/") === 0) bundled.push(await manifestOf(join(root, path)));
  }
  const manifest = {
    ...main,
    dependencies: Object.fromEntries(bundled.map(({ name, version }) => [name, version])),
    bundleDependencies: bundled.map(({ name }) => name),
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

/** No types, sources and source maps: of 5,000 files they are more than half, and npm writes each on the user's machine. */
function isRun(path: string): boolean {
  return !/\.(?:[cm]?ts|map|tsbuildinfo)$/.test(path);
}

/** Copies what a package of ours runs by: no tests, and nothing of a build whose source is gone. */
async function copyOwn(from: string, to: string): Promise<Manifest> {
  const filter = (path: string) => {
    const source = path.replace(/\.js$/, ".ts").replace(join(from, "dist"), join(from, "src"));
    return isRun(path) && !/\.test\.js$|\/testing(?:\.js)?$/.test(path) && existsSync(source);
  };
  await mkdir(to, { recursive: true });
  for (const part of ["package.json", "bin", "dist", "policies"])
    await cp(join(from, part), join(to, part), {
      recursive: true,
      filter,
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      if (part === "dist") throw new Error(`${join(from, part)} does not exist: npm run build`);
    });
  return manifestOf(from);
}

async function manifestOf(path: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(path, "package.json"), "utf8")) as Manifest;
}
