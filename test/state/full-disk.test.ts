import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { realMtaAvailability } from "../mta/available.ts";

const run = promisify(execFile);
const FILL = fileURLToPath(new URL("./fill-disk.ts", import.meta.url));
const MOUNT = 'mount -t tmpfs -o size=700k tmpfs "$1" && exec "$2" --conditions=source "$3" "$1"';
const availability = realMtaAvailability();
const skip = availability.kind === "skip" && availability.reason;

test("sqlite, a full disk: down, told once, up when there is room, nothing lost", {
  skip,
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "postern-full-"));
  try {
    // In a mount namespace of its own, so that nobody else sees the small disk.
    const command = ["sh", "-c", MOUNT, "sh", folder, process.execPath, FILL];
    const { stdout } = await run("unshare", ["-m", "--propagation", "private", ...command]);
    assert.match(
      stdout,
      /^down Cannot write \S+: the disk is full\nunavailable\nup \nwritten 0 short, 0 lost\n$/,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
