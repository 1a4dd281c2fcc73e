/**
 * `npm run bench -- hostile`: what hostile messages cost the check of a message, in this process.
 *
 * `npm run bench -- prices`: what each unit of work costs at its dearest, for the budget of a session (work-budget.ts).
 *
 * `npm run bench -- reputation [--seeds 1,2,3,4,5] [--size 0.5]`: thirty days of made-up mail, with and without what users'
 * marks cost. Exits with 1 if a goal is missed. `--size 1` has twice the senders.
 *
 * `npm run bench -- opensmtpd`: what a message costs shim and engine of `postern opensmtpd`, on a pipe.
 *
 * `npm run bench -- dkim [--rounds 3] [--cpu-ms 1000] [--main FILE]`: our daemon and opendkim on this machine, in
 * namespaces of its own. Needs root on Debian, and the network once, for opendkim's packages; nothing is installed.
 * `--main` names the main.ts of another checkout, to measure that one.
 */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { realMtaAvailability } from "../mta/available.ts";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { fetchPackages } from "../mta/fetch-packages.ts";
import { insideNamespace, runInNamespace } from "../mta/namespace.ts";
import { benchDkim } from "./dkim.ts";
import { fetchOpendkim } from "./fetch-opendkim.ts";
import { benchHostile } from "./hostile.ts";
import { benchOpensmtpd } from "./opensmtpd.ts";
import { benchPrices } from "./prices.ts";
import { benchReputation } from "./reputation.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "1,2,3,4,5" },
    size: { type: "string", default: "0.5" },
    rounds: { type: "string", default: "3" },
    "cpu-ms": { type: "string", default: "1000" },
    main: {
      type: "string",
      default: join(import.meta.dirname, "../../packages/postern/src/main.ts"),
    },
  },
});
const [subject] = positionals;

if (subject === "hostile") {
  await benchHostile(say);
} else if (subject === "prices") {
  await benchPrices(say);
} else if (subject === "reputation") {
  const seeds = values.seeds.split(",").map(Number);
  if (!(await benchReputation(say, { seeds, size: Number(values.size) }))) process.exitCode = 1;
} else if (subject === "opensmtpd") {
  await benchOpensmtpd(say, resolve(values.main));
} else if (subject !== "dkim") {
  process.stderr.write(
    "usage: npm run bench -- hostile | prices | opensmtpd | dkim [--rounds 3] [--cpu-ms 1000] [--main FILE]\n",
  );
  process.exitCode = 64;
} else if (insideNamespace()) {
  const opendkim = await fetchOpendkim(cacheDirectory(), say);
  const { stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  say(`commit ${stdout.trim() || "unknown"}, Node ${process.version}, ${machine()}`);
  const [rounds, cpuMs] = [Number(values.rounds), Number(values["cpu-ms"])];
  await benchDkim({ opendkim, say, rounds, cpuMs, main: resolve(values.main) });
} else {
  const availability = realMtaAvailability();
  if (availability.kind === "available") {
    const { ip } = await fetchPackages(cacheDirectory(), say, []);
    await fetchOpendkim(cacheDirectory(), say);
    const options = { ip, timeoutMs: 3_600_000 };
    const { exitCode } = await runInNamespace(import.meta.filename, process.argv.slice(2), options);
    process.exitCode = exitCode;
  } else {
    process.stderr.write(`${availability.reason}\n`);
    process.exitCode = 1;
  }
}

function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model ?? "unknown processor"}`;
}
