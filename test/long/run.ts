/**
 * `npm run test:long`: the big counts. Prints the commit, the seed and the counts it ran with, then runs the
 * generated sequences of the milter and the OpenSMTPD adapter that many times.
 */
import { spawnSync } from "node:child_process";

const sequences = process.env["POSTERN_SEQUENCES"] ?? "1000000";
const seed = process.env["POSTERN_SEED"] ?? "20261124";
const { stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
process.stdout.write(
  `commit ${stdout.trim() || "unknown"}, seed ${seed}, sequences ${sequences}\n`,
);
const { status } = spawnSync(
  process.execPath,
  [
    "--conditions=source",
    "--test",
    "--test-reporter=spec",
    "packages/milter-adapter/src/sequences.test.ts",
    "packages/opensmtpd-adapter/src/sequences.test.ts",
  ],
  { stdio: "inherit", env: { ...process.env, POSTERN_SEQUENCES: sequences, POSTERN_SEED: seed } },
);
process.exitCode = status ?? 1;
