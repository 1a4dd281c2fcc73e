import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { words } from "../fresh/units/sandbox.ts";
import { commandLine, readUnit, type Unit } from "../fresh/units/unit-file.ts";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { session } from "../mta/instance-test.ts";
import { type MtaProcess, startMta } from "../mta/mta-process.ts";
import { testInNamespace } from "../mta/namespace-test.ts";
import { startPostfix } from "../mta/postfix.ts";
import { openSink, type Sink } from "../mta/sink.ts";
import { converse, formatTranscript } from "../mta/smtp-client.ts";
import { MAIN } from "./rig.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const MTANS = join(REPOSITORY, "test/mta/mtans");
const PORT = 2525;
const POSTERN = 64_010;
/** As docs/postfix.md has it. */
const YAML = `
listen: { milter: unix:/var/spool/postfix/postern/milter.sock }
mode: observe
state: none
dns: { servers: ["127.0.0.1:9"] }
`;

/** What the shipped unit does, for a Postfix in its chroot: the folder, the account, the sandbox, the socket. */
const define = (): void => {
  let folder: string;
  let instanceDir: string;
  let unit: Unit;
  let sink: Sink;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "postern-unit-"));
    execFileSync("chmod", ["755", folder]);
    instanceDir = join(folder, "postfix");
    const units = join(instanceDir, "etc/systemd/system");
    await mkdir(units, { recursive: true });
    await copyFile(
      join(REPOSITORY, "examples/postern/postern.service"),
      join(units, "postern.service"),
    );
    unit = readUnit(instanceDir, "postern") ?? assert.fail();
    await mkdir(join(instanceDir, "etc/postern"));
    await writeFile(join(instanceDir, "etc/postern/postern.yaml"), YAML);
    for (const [file, entry] of [
      ["passwd", `postern:x:${POSTERN}:${POSTERN}::/var/lib/postern:/usr/sbin/nologin`],
      ["group", `postern:x:${POSTERN}:`],
    ]) {
      const known = await readFile(join(cacheDirectory(), "prefix/users/etc", file ?? ""), "utf8");
      await writeFile(join(instanceDir, "etc", file ?? ""), `${known}${entry}\n`);
    }
    await mkdir(join(instanceDir, "var/spool"), { recursive: true });
    sink = await openSink();
  });
  after(async () => {
    await sink.close();
    await rm(folder, { recursive: true, force: true });
  });

  const prepare = (): void => {
    const { signs, words: command } = commandLine(unit.last("ExecStartPre") ?? "", {});
    assert.equal(signs, "-+", "as root, and a machine without Postfix is no reason not to start");
    execFileSync(MTANS, ["postfix", instanceDir, ...command], {
      env: { ...process.env, POSTERN_MTA_CACHE: cacheDirectory() },
    });
  };
  const serve = (writable: readonly string[]): Promise<MtaProcess> => {
    const user = unit.last("User") ?? "";
    const sandbox = [
      `umask ${unit.last("UMask")}`,
      ...writable.map((path) => `mount --bind ${path} ${path}`),
      "mount -o remount,bind,ro /var",
      'exec "$@"',
    ].join("\n");
    const identity = ["--reuid", user, "--regid", user, "--init-groups", "--no-new-privs"];
    const args = commandLine(unit.last("ExecStart") ?? "", {}).words.slice(1);
    return startMta({
      mta: "postfix",
      instanceDir,
      files: {},
      command: [
        ...["sh", "-ec", sandbox, "sh", "setpriv", ...identity],
        ...[process.execPath, "--conditions=source", MAIN, ...args],
      ],
      ports: [],
      reachable: [REPOSITORY],
    });
  };
  const writablePaths = (): readonly string[] => {
    const paths = words(unit, "ReadWritePaths");
    assert.ok(paths.every((path) => path.startsWith("-")));
    return paths.map((path) => path.slice(1));
  };

  test("no Postfix: the unit makes nothing", async () => {
    prepare();
    await assert.rejects(lstat(join(instanceDir, "var/spool/postfix")), /ENOENT/);
  });

  test("ProtectSystem=strict without ReadWritePaths: the message names the line that is missing", async () => {
    await mkdir(join(instanceDir, "var/spool/postfix"));
    prepare();
    await using daemon = await serve([]);
    await daemon.waitForLog(
      /Cannot listen on unix:\/var\/spool\/postfix\/postern\/milter\.sock: .* read-only .* add ReadWritePaths=-\/var\/spool\/postfix\/postern to the unit/,
      30_000,
    );
    assert.equal(await daemon.ended, 69);
  });

  for (const { chroot, milters } of [
    { chroot: "y", milters: "unix:postern/milter.sock" },
    // What only a process in the chroot finds.
    { chroot: "y", milters: "unix:/postern/milter.sock" },
    { chroot: "n", milters: "unix:postern/milter.sock" },
  ] as const)
    test(`chroot ${chroot}: Postfix finds the daemon of user postern at ${milters}`, async () => {
      prepare();
      await using daemon = await serve(writablePaths());
      await daemon.waitForLog(/listening on unix:.*milter\.sock/, 30_000);
      const socket = join(instanceDir, "var/spool/postfix/postern/milter.sock");
      const { mode, uid, gid } = await lstat(socket);
      const folderStat = await lstat(join(socket, ".."));
      assert.deepEqual([folderStat.uid, folderStat.mode & 0o7777], [POSTERN, 0o2750]);
      assert.deepEqual([mode & 0o777, uid, gid], [0o660, POSTERN, folderStat.gid]);
      assert.notEqual(gid, POSTERN);
      await using postfix = await startPostfix({
        instanceDir,
        port: PORT,
        sinkPort: sink.port,
        chroot,
        dns: "hosts",
        milters,
      });
      const delivered = sink.messages.length;
      const steps = session("client.example.com", {
        kind: "xclient",
        attributes: { ADDR: "192.0.2.7" },
      });
      const transcript = await converse({ host: "127.0.0.1", port: PORT, steps });
      await sink.waitFor(delivered + 1).catch(async () => {
        assert.fail(`${formatTranscript(transcript)}\n${await postfix.log()}`);
      });
      assert.match(sink.messages.at(-1)?.bytes.toString("latin1") ?? "", /^X-Postern: /m);
      await daemon.waitForLog(/ address=192\.0\.2\.7 .* mode=observe/);
    });
};

testInNamespace("the unit, and a real Postfix in its chroot", import.meta.filename, define);
