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

if (insideNamespace()) await inFolder((folder) => showClients(say, folder, tellByPostfix));
else if (process.argv.includes("--fake")) await demoWithoutPostfix("--fake");
else {
  const availability = realMtaAvailability();
  if (availability.kind !== "available")
    await demoWithoutPostfix("a real Postfix needs root on Debian");
  else await demoWithPostfix();
}

async function demoWithoutPostfix(why: string): Promise<void> {
  say(`Mail server: our own MTA side, speaking milter as Postfix does (${why}).`);
  await inFolder((folder) => showClients(say, folder, tellByMilter));
}

/** Without a network to fetch it from, the demo goes on without it. */
async function demoWithPostfix(): Promise<void> {
  const cache = cacheDirectory();
  say(
    "Mail server: a real Postfix in a network namespace of its own; nothing is installed. --fake",
  );
  say(
    "goes without. The first time its packages are downloaded from Debian and unpacked, some MB (listed below),",
  );
  say(`into ${cache}.`);
  const packages = await fetchPackages(cache, (line) => say(`  ${line}`)).catch(inOneLine);
  if (typeof packages === "string") {
    await demoWithoutPostfix(`Postfix cannot be fetched: ${packages}`);
    return;
  }
  const { ip } = packages;
  const { exitCode } = await runInNamespace(import.meta.filename, [], { ip, output: "inherit" });
  process.exitCode = exitCode;
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").at(-1) ?? text;
}
