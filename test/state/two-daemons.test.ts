import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { type LearnReport, learn } from "../../packages/postern/src/commands/learn.ts";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { realMtaAvailability } from "../mta/available.ts";
import { type Daemon, startDaemon } from "../mta/daemon.ts";
import { serveZone } from "../mta/scripted-dns.ts";
import { playByMilter } from "../scenarios/play-by-milter.ts";
import { MAIN, PATIENT } from "../scenarios/rig.ts";
import { table } from "../scenarios/table.ts";
import { until } from "../scenarios/until.ts";
import { startRedis } from "./redis-server.ts";

const availability = realMtaAvailability();
const skip = availability.kind === "skip" && availability.reason;
const honest = table.find(({ id }) => id === "honest") ?? assert.fail();
const noPtr = table.find(({ id }) => id === "no-ptr") ?? assert.fail();

async function learnOn(file: string, header: string): Promise<LearnReport> {
  const config = await loadConfig({ file, cwd: "/", systemFile: null, hostname: "mx.example.org" });
  const input = Readable.from([Buffer.from(`${header}\n\n`, "latin1")]);
  return await learn({ mark: "ham", user: null }, config, input);
}

test("two daemons on one Redis: what one has learned the other judges by, and what it delivered the other's host learns from", {
  skip,
}, async () => {
  if (availability.kind === "forbidden-skip") throw new Error(availability.reason);
  await using redis = await startRedis();
  await using dns = await serveZone(honest.dns as Parameters<typeof serveZone>[0]);
  const folder = await mkdtemp(join(tmpdir(), "postern-two-"));
  const start = async (name: string): Promise<Daemon> => {
    const file = join(folder, `${name}.yaml`);
    const config = {
      ...honest.config,
      listen: { milter: "inet:127.0.0.1:0" },
      dns: { servers: [`127.0.0.1:${dns.port}`] },
      state: redis.url,
      limits: PATIENT,
    };
    await writeFile(file, JSON.stringify(config));
    return startDaemon(["--conditions=source", MAIN, "serve", "--config", file], {
      readyLine: /listening on/,
    });
  };
  const addressOf = async (daemon: Daemon): Promise<string> =>
    /listening on (\S+)/.exec(await daemon.waitForLine(/listening on/))?.[1] ?? assert.fail();
  try {
    await using first = await start("first");
    let header: string | null = null;
    for (let i = 0; i < 15; i += 1) {
      // Clean mail counts once a recipient and day.
      const mail = { ...honest, rcpt: [`b${i}@example.org`] };
      header = (await playByMilter(await addressOf(first), mail)).header;
    }
    // In its own batch, within a moment.
    const key = "postern:{address:192.0.2.1}";
    let isThere = false;
    await until(() => {
      void redis.command("EXISTS", key).then((said) => {
        isThere = said === "1";
      });
      return isThere;
    });
    // Another process, so nothing but Redis can have told it.
    await using second = await start("second");
    dns.setZone(noPtr.dns as Parameters<typeof serveZone>[0]);
    await playByMilter(await addressOf(second), noPtr);
    const line = await second.waitForLine(/ action=/);
    // Without it the client would have been refused: debt=10 credit=0.
    const credit = Number(/ action=junk rule=- debt=10 credit=([\d.]+) /.exec(line)?.[1]);
    assert.ok(credit > 1, line);
    const marked = await learnOn(join(folder, "second.yaml"), header ?? "");
    assert.match(
      marked.text,
      /^[0-9a-f]{16} ham for author:[^ ]+ domain:example\.com spf:example\.com address:/,
    );
    assert.match((await learnOn(join(folder, "first.yaml"), header ?? "")).text, /was already/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
