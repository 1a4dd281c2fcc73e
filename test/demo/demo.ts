/**
 * `npm run demo`: the daemon with the article's policy, a scripted DNS, and six clients: what each was told, and
 * why. Through a real Postfix where root and Debian allow, else, or with --fake, through our own MTA side.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realMtaAvailability } from "../mta/available.ts";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { fetchPackages } from "../mta/fetch-packages.ts";
import { insideNamespace, runInNamespace } from "../mta/namespace.ts";
import { showClients } from "./show.ts";
import { tellByMilter } from "./tell-by-milter.ts";
import { tellByPostfix } from "./tell-by-postfix.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function inFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "postern-demo-"));
  try {
    await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (insideNamespace()) {
  await inFolder((folder) => showClients(say, folder, tellByPostfix));
} else {
  const availability = realMtaAvailability();
  const isFake = process.argv.includes("--fake") || availability.kind !== "available";
  if (isFake) {
    say(
      "Mail server: our own MTA side, speaking milter as Postfix does (a real Postfix needs root on Debian).",
    );
    await inFolder((folder) => showClients(say, folder, tellByMilter));
  } else {
    say(
      "Mail server: a real Postfix in a network namespace of its own; nothing is installed. --fake avoids it.",
    );
    const { ip } = await fetchPackages(cacheDirectory(), (line) => say(`  ${line}`));
    const { exitCode } = await runInNamespace(import.meta.filename, [], { ip, output: "inherit" });
    process.exitCode = exitCode;
  }
}
