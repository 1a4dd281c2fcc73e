/**
 * `npm run test:long [-- sequences|state|kills|dovecot|silence]`: the big counts. Prints the commit, the seed and the counts it ran with,
 * then runs the generated sequences of the milter and the OpenSMTPD adapter that many times, floods the stores, and
 * kills the daemon while mail goes through a real Postfix, plays the recipes for Dovecot on real ones, and has clients with
 * silent DNS zones hold up honest mail.
 */
import { spawnSync } from "node:child_process";
import { playDovecots } from "../dovecot/dovecot.ts";
import { killDaemons } from "./kills.ts";
import { floodWithSilentZones } from "./silent-zones.ts";
import { floodStores } from "./state.ts";

const sequences = process.env["POSTERN_SEQUENCES"] ?? "1000000";
const seed = process.env["POSTERN_SEED"] ?? "20261124";
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const parts: Readonly<Record<string, () => Promise<"good" | "bad">>> = {
  sequences: async () => playSequences(),
  state: () => floodStores(say),
  kills: () => killDaemons(say),
  dovecot: () => playDovecots(say),
  silence: () => floodWithSilentZones(say),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
  say(`Cannot run ${unknown.join()}: allowed are ${Object.keys(parts).join(", ")}`);
  process.exit(64);
}
const { stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
say(`commit ${stdout.trim() || "unknown"}, seed ${seed}, sequences ${sequences}`);
for (const [name, run] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if ((await run()) === "bad") process.exitCode = 1;
}

function playSequences(): "good" | "bad" {
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
  return status === 0 ? "good" : "bad";
}
