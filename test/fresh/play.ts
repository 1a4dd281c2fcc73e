/** Plays one page in one root; run.ts starts it by `enter`, with a job as JSON. Writes result.json to the job's folder. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serveZone } from "../mta/scripted-dns.ts";
import { zone } from "./clients.ts";
import { type MachineFolders, openMachine } from "./machine.ts";
import { readPage } from "./markdown-blocks.ts";
import { type Moment, refusal, showMoment } from "./moments.ts";
import type { PlayedPage } from "./pages.ts";
import { playPage } from "./play-page.ts";
import { answerSystemctl } from "./units/answer-systemctl.ts";
import { manageServices } from "./units/service-manager.ts";

/** What run.ts asks for. */
export interface Job extends MachineFolders {
  readonly page: PlayedPage;
  /** The clone it is read from. */
  readonly repository: string;
  readonly isFull: boolean;
  /** For commands that fetch. */
  readonly env: Readonly<Record<string, string>>;
}

/** What run.ts learns. */
export interface Result {
  readonly steps: number;
  readonly seconds: number;
}

const job = JSON.parse(process.argv[2] ?? "") as Job;
const log = (line: string): void => void process.stdout.write(`  ${line}\n`);

try {
  const began = performance.now();
  const steps = await play();
  const result: Result = { steps, seconds: (performance.now() - began) / 1000 };
  writeFileSync(join(job.folder, "result.json"), JSON.stringify(result));
  process.exit(0); // the services end with this namespace
} catch (error) {
  for (let each = error; each instanceof Error; each = each.cause) log(`FAILED: ${each.message}`);
  process.exit(1);
}

async function play(): Promise<number> {
  const page = readPage(readFileSync(join(job.repository, job.page.file), "utf8"));
  const machine = await openMachine(job);
  const services = manageServices(machine.root, job.folder);
  answerSystemctl(machine.root, services, log);
  await serveZone(zone, { port: 53 });
  const site = { root: machine.root, services, logUnit: job.page.logUnit ?? "" };
  const hooks = (moments: Readonly<Record<string, Moment>>) =>
    Object.fromEntries(
      Object.entries(moments).map(([heading, moment]) => [
        heading,
        async () => {
          log(`two mails: ${moment}`);
          await showMoment(moment, site);
        },
      ]),
    );
  try {
    return await playPage({
      machine,
      page,
      who: job.who,
      env: job.env,
      ...(!job.isFull && { leaveOut: /\bnpm test\b/ }),
      hooks: { before: hooks(job.page.before), after: hooks(job.page.after) },
      refusal,
      log,
    });
  } catch (error) {
    for (const line of services.journal(undefined).slice(-60)) log(`journal: ${line}`);
    throw error;
  }
}
