/** play.ts ROOT SERIES: one Dovecot in the namespaces that dovecot.ts makes; its users move mail. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineLog } from "../mta/line-log.ts";
import { converse, replyTo } from "../mta/smtp-client.ts";
import { ImapClient } from "./imap-client.ts";
import { openLearnSocket } from "./learn-socket.ts";

const [root = "", series = ""] = process.argv.slice(2);
const examples = join(import.meta.dirname, "../../examples");
const VMAIL = 5000;
const TEACHER = 903;
const LMTP = 24;
const accounts = { root: 0, dovecot: 901, dovenull: 902, "postern-learn": TEACHER, vmail: VMAIL };
const MOVES = 24;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = await mkdtemp(join(tmpdir(), "postern-dovecot-"));
await chmod(folder, 0o755);
await prepare();
const learn = await openLearnSocket(join(folder, "run/postern/learn.sock"), TEACHER);
const log = new LineLog();
const dovecot = spawn(join(import.meta.dirname, "start-dovecot"), [root, folder], {
  stdio: ["ignore", "pipe", "pipe"],
});
dovecot.stdout.on("data", log.collector());
dovecot.stderr.on("data", log.collector());
dovecot.once("close", () => log.end());
try {
  await log.waitFor(/starting up for imap, lmtp/, 30_000);
  await play();
  say(`Dovecot ${series}: good`);
} catch (error) {
  say(log.lines.join("\n"));
  throw error;
} finally {
  dovecot.kill("SIGTERM");
  if (dovecot.exitCode === null) await once(dovecot, "exit");
  await rm(folder, { recursive: true, force: true }).catch(() => {}); // its mounts end with this namespace
}
process.exit(0);

async function play(): Promise<void> {
  const marks = (): string => learn.marks.map(({ mark }) => mark).join(" ");
  const imap = await ImapClient.open();
  await imap.command("LOGIN ann@example.org secret");
  assert.match(await imap.command('LIST "" *'), /\\Junk\) "." "?Junk"?\r\n/);
  await imap.command("CREATE Trash");
  for (let n = 0; n < MOVES; n += 1) await imap.append("INBOX", mail(`${n}`));
  assert.equal(marks(), "", "an APPEND teaches nothing");

  await imap.command("SELECT INBOX");
  await imap.command("UID MOVE 1 Junk");
  assert.equal(marks(), "spam");
  const header = mail("0").split("\r\n\r\n")[0]?.replaceAll("\r\n", "\n");
  assert.equal(learn.marks[0]?.header.replaceAll("\r\n", "\n"), `${header}\n`);

  await imap.command("SELECT Junk");
  await imap.command("UID MOVE 1 INBOX");
  assert.equal(marks(), "spam ham");
  for (const { user } of learn.marks) assert.equal(user, "ann@example.org");

  await imap.command("SELECT INBOX");
  learn.marks.length = 0;
  const startedAt = performance.now();
  for (let uid = 2; uid <= MOVES + 1; uid += 1) await imap.command(`UID MOVE ${uid} Junk`);
  const seconds = (performance.now() - startedAt) / 1000;
  say(`${MOVES} moves, one by one: ${seconds.toFixed(1)} s`);
  assert.equal(marks(), Array(MOVES).fill("spam").join(" "));

  await imap.command("SELECT Junk");
  learn.marks.length = 0;
  await imap.command("UID MOVE 2:5 Trash");
  await imap.command("UID COPY 6 Junk");
  assert.equal(await imap.count("Trash"), 4);
  assert.doesNotMatch(marks(), /ham/);

  learn.marks.length = 0;
  for (const [flag, mailbox] of [
    ["YES", "Junk"],
    ["NO", "INBOX"],
  ] as const) {
    const already = await imap.count(mailbox);
    await deliver(`X-Spam-Flag: ${flag}\r\n${mail(flag)}`);
    assert.equal(await imap.count(mailbox), already + 1, `X-Spam-Flag: ${flag}`);
  }
  assert.equal(marks(), "", "a delivery teaches nothing");

  await learn.close();
  const already = await imap.count("INBOX");
  await imap.command("UID MOVE 6 INBOX");
  assert.equal(await imap.count("INBOX"), already + 1, "a daemon that is down stops no move");
  assert.match(log.lines.join("\n"), /postern-mark: \/run\/postern\/learn\.sock: cannot connect/);
  imap.close();
}

function mail(subject: string): string {
  const fields = ["From: <a@example.com>", "X-Postern: id=0123456789abcdef"];
  return [...fields, `Subject: ${subject}`, "", "hello", ""].join("\r\n");
}

async function deliver(message: string): Promise<void> {
  const transcript = await converse({
    host: "127.0.0.1",
    port: LMTP,
    localAddress: "127.0.0.1",
    steps: [
      { kind: "banner" },
      { kind: "raw", bytes: "LHLO mx.example.org\r\n" },
      { kind: "mail", from: "a@example.com" },
      { kind: "rcpt", to: "ann@example.org" },
      { kind: "data", message },
      { kind: "quit" },
    ],
  });
  assert.equal(replyTo(transcript, "(message")?.code, 250, JSON.stringify(transcript));
}

/** What docs/junk.md says is done by hand; start-dovecot does the rest. */
async function prepare(): Promise<void> {
  const changes = join(folder, "changes");
  const etc = join(changes, "etc");
  for (const path of ["etc/dovecot/postern", "usr/local/bin", "srv/mail"])
    await mkdir(join(changes, path), { recursive: true });
  await mkdir(join(folder, "run/postern"), { recursive: true });
  const all = Object.entries(accounts);
  const passwd = all.map(([name, id]) => `${name}:x:${id}:${id}::/:/bin/sh\n`).join("");
  await writeFile(join(etc, "passwd"), passwd);
  const groups = [...all, ["mail", 8]];
  await writeFile(join(etc, "group"), groups.map(([name, id]) => `${name}:x:${id}:\n`).join(""));
  await chown(join(changes, "srv/mail"), VMAIL, VMAIL);
  await writeFile(join(etc, "dovecot/users"), "ann@example.org:{PLAIN}secret\n");
  const local = join(import.meta.dirname, `local-${series}.conf`);
  await copyFile(local, join(etc, "dovecot/local.conf"));
  await copyFile(join(examples, "learn/postern-mark"), join(changes, "usr/local/bin/postern-mark"));
  for (const name of ["file-junk", "report-spam", "report-ham"])
    await copyFile(
      join(examples, `learn/${name}.sieve`),
      join(etc, `dovecot/postern/${name}.sieve`),
    );
  await cp(join(examples, `dovecot-${series}`), folder, { recursive: true });
}
