import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A clean copy of this clone, built, beside an empty folder for a user. The libraries are this clone's, by links. */
export interface PackedClone {
  readonly clone: string;
  readonly user: string;
  [Symbol.dispose](): void;
}

/** Copies what git knows (so that no file of an older build is among it) and builds it. */
export function packedClone(): PackedClone {
  const folder = mkdtempSync(join(tmpdir(), "postern-packed-"));
  const clone = join(folder, "clone");
  const user = join(folder, "user");
  mkdirSync(user);
  const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", listed, { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const file of files.filter((path) => path !== "" && existsSync(join(ROOT, path))))
    cpSync(join(ROOT, file), join(clone, file));
  linkModules(join(ROOT, "node_modules"), join(clone, "node_modules"), clone);
  execFileSync(join(clone, "scripts/run"), ["tsc", "-b"], { cwd: clone });
  return {
    clone,
    user,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Links every installed package, and the packages of the workspace to those of the copy. */
function linkModules(from: string, to: string, clone: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    const own = join(clone, "packages", entry.name);
    if (entry.name.startsWith("@") && entry.isDirectory()) {
      linkModules(path, join(to, entry.name), clone);
    } else if (entry.isSymbolicLink() && existsSync(own)) symlinkSync(own, join(to, basename(own)));
    else symlinkSync(path, join(to, entry.name));
  }
}
