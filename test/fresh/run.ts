/**
 * `npm run test:fresh [-- bookworm|trixie] [readme|install|postfix|opensmtpd|exim|sendmail]... [--full]`: makes fresh
 * Debian roots and plays README and the guides in them, block by block as they stand (markdown-blocks.ts). Needs root
 * and Debian. Prints the minutes of each page. A page ends at its
 * first step that is not written or does not work; the exit code is then 1.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { dieWithParent } from "../mta/die-with-parent.ts";
import { debianTarball, type Suite, suites, USER } from "./debian-root.ts";
import type { Who } from "./machine.ts";
import { type PlayedPage, pages } from "./pages.ts";
import type { Job, Result } from "./play.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const repository = resolve(import.meta.dirname, "../..");
const words = process.argv.slice(2);
const isFull = words.includes("--full");
const names = [...suites, ...pages.map(({ name }) => name)];
const unknown = words.find((word) => word !== "--full" && !names.includes(word));
if (unknown !== undefined) {
  say(`Cannot play ${unknown}: allowed are ${names.join(", ")} and --full`);
  process.exit(64);
}
if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) {
  say("Cannot make roots: that needs root on Debian");
  process.exit(69);
}
const chosenSuites = suites.filter((suite) => words.includes(suite));
const chosen = pages.filter(({ name }) => words.includes(name));
const playedPages = chosen.length > 0 ? chosen : pages;

const cache = cacheDirectory();
const work = join(cache, "fresh", `run-${process.pid}`);
removeOldRuns();
const rows: string[] = [];
try {
  mkdirSync(work, { recursive: true, mode: 0o755 });
  const source = cloneSource();
  for (const suite of chosenSuites.length > 0 ? chosenSuites : suites) {
    await playSuite(suite, source);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
  say("\n| root | page | by | blocks | minutes |\n|---|---|---|---|---|");
  for (const row of rows) say(row);
}

async function playSuite(suite: Suite, source: string): Promise<void> {
  const tarball = await debianTarball(suite, cache, say);
  const base = join(work, `${suite}-base`);
  mkdirSync(base, { mode: 0o755 });
  command("tar", ["-C", base, "-xf", tarball]);
  const layersOf = new Map<string, readonly string[]>();
  const playOnce = async (page: PlayedPage, who: Who) => {
    // The ordinary user works on a machine where root has installed what README says; its home is its own.
    const upon = who === "user" ? page.name : page.upon;
    const below = upon === undefined ? [base] : layersOf.get(upon);
    if (below === undefined) return; // what it stands on has failed
    const folder = join(work, `${suite}-${page.name}-${who}`);
    const changes = join(folder, "changes");
    const by = who === "root" ? "root" : "an ordinary user";
    const result = await playInRoot(suite, {
      page,
      who,
      folder,
      changes,
      source,
      layers: below,
    });
    const row = `| ${suite} | ${page.file} | ${by} |`;
    if (result === undefined) {
      rows.push(`${row} FAILED | |`);
      process.exitCode = 1;
      return;
    }
    if (who === "root") layersOf.set(page.name, [changes, ...below]);
    rows.push(`${row} ${result.steps} | ${(result.seconds / 60).toFixed(1)} |`);
  };
  for (const page of pages) {
    const isNeeded =
      playedPages.includes(page) || playedPages.some(({ upon }) => upon === page.name);
    if (!isNeeded) continue;
    await playOnce(page, "root");
    if (page.name === "readme") await playOnce(page, "user");
  }
}

async function playInRoot(
  suite: Suite,
  part: Pick<Job, "page" | "who" | "folder" | "changes" | "source" | "layers">,
): Promise<Result | undefined> {
  say(`\n${suite}: ${part.page.file}, as ${part.who === "root" ? "root" : USER}`);
  mkdirSync(part.folder, { mode: 0o755 });
  copyFileSync("/etc/resolv.conf", join(part.folder, "resolv.conf"));
  const { clone } = part.page;
  const job: Job = {
    ...part,
    ...(clone !== undefined && { clone }),
    repository,
    isFull,
    env: fetchingEnvironment(),
  };
  const [program, args] = dieWithParent("unshare", [
    ...["-m", "--propagation", "private", join(import.meta.dirname, "enter"), part.folder],
    ...[process.execPath, "--conditions=source", join(import.meta.dirname, "play.ts")],
    JSON.stringify(job),
  ]);
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) return undefined;
  return JSON.parse(readFileSync(join(part.folder, "result.json"), "utf8")) as Result;
}

/** A clone of the working tree, with what is not committed yet. */
function cloneSource(): string {
  const source = join(work, "source");
  command("git", ["clone", "-q", repository, source]);
  const changes = spawnSync("git", ["-C", repository, "diff", "--binary", "HEAD"], {
    maxBuffer: 100_000_000,
  });
  if (changes.stdout.length > 0) {
    spawnSync("git", ["-C", source, "apply", "--index"], { input: changes.stdout });
    command("git", [
      "-C",
      source,
      "-c",
      "user.name=test",
      "-c",
      "user.email=test@example.org",
      "commit",
      "-qam",
      "Not committed yet",
    ]);
  }
  return source;
}

/** How this machine's npm gets out, and the authorities that were added to it. */
function fetchingEnvironment(): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of [
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "npm_config_registry",
  ]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const authorities = "/usr/local/share/ca-certificates";
  if (existsSync(authorities) && readdirSync(authorities).length > 0) {
    env["NODE_EXTRA_CA_CERTS"] = "/etc/ssl/certs/ca-certificates.crt";
  }
  return env;
}

/** Those whose process is gone. */
function removeOldRuns(): void {
  const folder = join(cache, "fresh");
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function command(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}`);
}
