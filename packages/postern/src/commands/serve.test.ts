import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const MAIN = join(import.meta.dirname, "../main.ts");

/** What `serve` says until it says `last`, and its exit code after SIGTERM. */
async function served(
  yaml: string,
  last: RegExp,
): Promise<{ readonly lines: readonly string[]; readonly code: number | null }> {
  const folder = mkdtempSync(join(tmpdir(), "postern-serve-"));
  try {
    writeFileSync(join(folder, "postern.yaml"), yaml);
    const child = spawn(
      process.execPath,
      ["--conditions=source", MAIN, "serve", "--config", join(folder, "postern.yaml")],
      { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line.replaceAll(folder, "FOLDER"));
      if (last.test(line)) child.kill("SIGTERM");
    }
    return { lines, code: await ended };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("serve: says of each front who speaks to it, and where what it learns is kept, once", async () => {
  const { lines, code } = await served(
    'listen: { milter: "inet:127.0.0.1:0", exim: unix:exim.sock }\nstate: sqlite:state.db\n',
    /policy postmaster-2026/,
  );
  const said = lines.join("\n");
  assert.match(said, /listening on inet:127\.0\.0\.1:\d+ \(milter, for Postfix and Sendmail\)/);
  assert.match(said, /listening on unix:FOLDER\/exim\.sock \(for Exim and notqmail\)/);
  const ofState = lines.filter((line) => /learned reputation/.test(line));
  assert.equal(ofState.length, 1, said);
  assert.match(ofState[0] ?? "", /is kept in sqlite:FOLDER\/state\.db/);
  assert.equal(code, 0);
});

test("serve: who names a socket for Exim alone gets no milter", async () => {
  const { lines } = await served(
    'listen: { exim: "inet:127.0.0.1:0" }\nstate: none\n',
    /policy postmaster-2026/,
  );
  assert.equal(lines.filter((line) => /listening on/.test(line)).length, 1, lines.join("\n"));
});

test("serve: where no socket is named nobody could ask: exit 78", async () => {
  const { lines, code } = await served("listen: { milter: [] }\n", /never/);
  assert.match(
    lines.join("\n"),
    /^postern: listen names no socket, .* add one, such as listen: \{ milter: /,
  );
  assert.equal(code, 78);
});

test("serve: a log that nobody reads any more stops nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "postern-serve-"));
  try {
    const file = join(folder, "postern.yaml");
    writeFileSync(file, 'listen: { milter: "inet:127.0.0.1:0" }\nstate: none\n');
    const child = spawn(
      process.execPath,
      ["--conditions=source", MAIN, "serve", "--config", file],
      { cwd: folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const listening = Promise.withResolvers<void>();
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (/policy postmaster-2026/.test(line)) listening.resolve();
    });
    await listening.promise;
    child.stderr.destroy();
    // Each of them is told in the log.
    for (let n = 0; n < 20; n += 1) child.kill("SIGHUP");
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
