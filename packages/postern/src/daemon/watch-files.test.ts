import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { manualTimer } from "./testing/manual-timer.ts";
import { type FileChange, type FileWatch, watchFiles } from "./watch-files.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-watch-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "deny.txt");
const other = join(folder, "allow.txt");

interface Rig {
  readonly watch: FileWatch;
  /** What the next look tells. */
  look(): Promise<readonly string[]>;
}

async function watching(
  paths: readonly string[],
  onChange: (watch: FileWatch, change: FileChange) => Promise<void> = async () => {},
): Promise<Rig> {
  const timer = manualTimer();
  const told: string[] = [];
  const watch: FileWatch = watchFiles(async (change) => {
    told.push(
      `${basename(change.path)} ${change.kind}${change.kind === "gone" ? `: ${change.why}` : ""}`,
    );
    await onChange(watch, change);
  }, timer);
  await watch.follow(paths);
  return {
    watch,
    look: async () => {
      await timer.ring();
      return told.splice(0);
    },
  };
}

test("watchFiles: nothing has changed, nothing is told", async () => {
  writeFileSync(path, "a");
  const { look } = await watching([path]);
  assert.deepEqual(await look(), []);
});

test("watchFiles: another size is told once", async () => {
  writeFileSync(path, "a");
  const { look } = await watching([path]);
  writeFileSync(path, "ab");
  assert.deepEqual(await look(), ["deny.txt changed"]);
  assert.deepEqual(await look(), []);
});

test("watchFiles: another time is a change", async () => {
  writeFileSync(path, "a");
  const { look } = await watching([path]);
  utimesSync(path, 1, 1);
  assert.deepEqual(await look(), ["deny.txt changed"]);
});

test("watchFiles: another file in its place is a change, of the same size and time too", async () => {
  writeFileSync(path, "a");
  const { look } = await watching([path]);
  const { atime, mtime } = statSync(path);
  writeFileSync(`${path}~`, "b");
  utimesSync(`${path}~`, atime, mtime);
  renameSync(`${path}~`, path);
  assert.deepEqual(await look(), ["deny.txt changed"]);
});

test("watchFiles: a file that vanishes is told once, and again when it is back", async () => {
  writeFileSync(path, "a");
  const { look } = await watching([path]);
  rmSync(path);
  assert.deepEqual(await look(), ["deny.txt gone: does not exist"]);
  assert.deepEqual(await look(), []);
  writeFileSync(path, "a");
  assert.deepEqual(await look(), ["deny.txt changed"]);
});

for (const [what, put, why] of [
  ["a FIFO", () => execFileSync("mkfifo", [path]), "is a FIFO, not a regular file"],
  ["a device", () => symlinkSync("/dev/zero", path), "is a device, not a regular file"],
  ["a folder", () => mkdirSync(path), "is a folder, not a file"],
] as const) {
  test(`watchFiles: a file that becomes ${what} is told once, and again when it is a file`, async () => {
    rmSync(path, { force: true });
    writeFileSync(path, "a");
    const { look } = await watching([path]);
    rmSync(path);
    put();
    assert.deepEqual(await look(), [`deny.txt gone: ${why}`]);
    lutimesSync(path, 1, 1);
    assert.deepEqual(await look(), []);
    rmSync(path, { recursive: true });
    writeFileSync(path, "a");
    assert.deepEqual(await look(), ["deny.txt changed"]);
  });
}

test("watchFiles: follow keeps the look at old files, and takes new ones as they are", async () => {
  writeFileSync(path, "a");
  writeFileSync(other, "a");
  const { watch, look } = await watching([path]);
  writeFileSync(path, "ab");
  writeFileSync(other, "ab");
  await watch.follow([other, path]);
  assert.deepEqual(await look(), ["deny.txt changed"]);
});

test("watchFiles: follow forgets what it does not name", async () => {
  writeFileSync(path, "a");
  const { watch, look } = await watching([path]);
  await watch.follow([]);
  writeFileSync(path, "ab");
  assert.deepEqual(await look(), []);
});

test("watchFiles: two files that change together are told once where all is read again", async () => {
  writeFileSync(path, "a");
  writeFileSync(other, "a");
  const { look } = await watching([path, other], (watch) => watch.refresh());
  writeFileSync(path, "ab");
  writeFileSync(other, "ab");
  assert.deepEqual(await look(), ["deny.txt changed"]);
  assert.deepEqual(await look(), []);
});

test("watchFiles: stop sets no timer any more", () => {
  const timer = manualTimer();
  const watch = watchFiles(async () => {}, timer);
  assert.ok(timer.isSet());
  watch.stop();
  assert.ok(!timer.isSet());
});
