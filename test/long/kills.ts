import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { reputation } from "../../packages/postern/src/commands/reputation.ts";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import { cacheDirectory } from "../mta/cache-directory.ts";
import { fetchPackages } from "../mta/fetch-packages.ts";
import { insideNamespace, runInNamespace } from "../mta/namespace.ts";
import { startPostfix } from "../mta/postfix.ts";
import { converse } from "../mta/smtp-client.ts";
import type { Step } from "../mta/smtp-steps.ts";
import { openRig } from "../scenarios/rig.ts";
import { confirmed, mail } from "../scenarios/rows/base.ts";
import { until } from "../scenarios/until.ts";

/*
 * Mail goes through a real Postfix while the daemon is killed again and again. What Postfix accepted must arrive, and
 * what was learned must be readable.
 */

type Say = (line: string) => void;

const PORT = 2525;
const MILTER = "inet:127.0.0.1:8891";
const CLIENTS = 4;
const A_SESSION = 5;

/** Plays it in namespaces of its own: `POSTERN_MESSAGES` (20,000) and `POSTERN_KILLS` (200). */
export async function killDaemons(say: Say): Promise<"good" | "bad"> {
  const { ip } = await fetchPackages(cacheDirectory(), say, ["postfix"]);
  const { exitCode } = await runInNamespace(import.meta.filename, [], {
    ip,
    timeoutMs: 7_200_000,
  });
  return exitCode === 0 ? "good" : "bad";
}

async function play(messages: number, kills: number, say: Say): Promise<"good" | "bad"> {
  const listen = { milter: MILTER };
  const folder = mkdtempSync(join(tmpdir(), "postern-kills-"));
  chmodSync(folder, 0o777);
  const path = join(folder, "state.db");
  const state = `sqlite:${path}`;
  const rig = await openRig({ listen, config: { state } });
  await rig.configure({ state, authservId: "mx.example.org" });
  rig.dns.setZone({
    ...confirmed,
    "example.com": { A: ["192.0.2.1"], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
    "_dmarc.example.com": { TXT: ["v=DMARC1; p=reject"] },
  });
  await rig.restart();
  const postfix = await startPostfix({
    instanceDir: join(rig.folder, "postfix"),
    port: PORT,
    sinkPort: rig.sink.port,
    dns: "hosts",
    milters: MILTER,
    milterDefaultAction: "accept",
    milterTimeouts: { commandSeconds: 5, contentSeconds: 5 },
  });

  let begun = 0;
  let killed = 0;
  let replyOf = { accepted: 0, refused: 0 };
  const accepted = new Set<number>();
  const sendSession = async (): Promise<void> => {
    const numbers: number[] = [];
    while (numbers.length < A_SESSION && begun < messages) {
      numbers.push(begun);
      begun += 1;
    }
    const steps = numbers.flatMap((number): readonly Step[] => [
      { kind: "mail", from: "a@example.com" },
      { kind: "rcpt", to: "b@example.org" },
      { kind: "data", message: mail([`X-Number: ${number}`], `number ${number}\n`) },
    ]);
    const transcript = await converse({
      host: "127.0.0.1",
      port: PORT,
      localAddress: "192.0.2.1",
      steps: [
        { kind: "banner" },
        { kind: "ehlo", name: "mail.example.com" },
        ...steps,
        { kind: "quit" },
      ],
    });
    const answers = transcript.filter(({ sent }) => sent.startsWith("(message"));
    for (const [at, number] of numbers.entries()) {
      const code = answers[at]?.reply?.code ?? 0;
      if (code === 250) accepted.add(number);
      replyOf = {
        accepted: replyOf.accepted + (code === 250 ? 1 : 0),
        refused: replyOf.refused + (code === 250 ? 0 : 1),
      };
    }
  };
  /** Between two kills come so many messages; half of them are judged before the second. */
  const share = messages / kills;
  let judged = 0;
  const isDecision = (line: string): boolean => / action=/.test(line);
  const decisions = (): number => rig.daemon().lines().filter(isDecision).length;
  const client = async (): Promise<void> => {
    while (begun < messages) {
      await until(() => begun < share * (killed + 1), undefined, 600_000);
      await sendSession();
    }
  };
  const killer = async (): Promise<void> => {
    while (killed < kills) {
      await until(() => decisions() >= share / 2, undefined, 600_000);
      judged += decisions();
      rig.daemon().kill("SIGKILL");
      await rig.daemon().ended;
      await rig.restart();
      killed += 1;
    }
  };
  await Promise.all([killer(), ...Array.from({ length: CLIENTS }, client)]);
  await rig.sink.waitFor(accepted.size, 600_000);

  const arrived = new Map<number, boolean>();
  for (const { bytes } of rig.sink.messages) {
    const text = bytes.toString("latin1");
    const number = Number(/^X-Number: (\d+)\r?$/m.exec(text)?.[1] ?? Number.NaN);
    arrived.set(number, text.endsWith(`\r\n\r\nnumber ${number}\r\n`));
  }
  const lost = [...accepted].filter((number) => arrived.get(number) !== true);
  await rig.daemon().stop();
  const database = new DatabaseSync(path, { readOnly: true });
  const integrity = Object.values(database.prepare("PRAGMA integrity_check").get() ?? {}).join();
  database.close();
  const config = await loadConfig({
    file: join(rig.folder, "postern.yaml"),
    cwd: "/",
    systemFile: null,
    hostname: "mx",
  });
  const { text: shown } = await reputation("show", ["address:192.0.2.1"], config);
  say(
    `${replyOf.accepted} of ${messages} messages accepted, ${replyOf.refused} not; ${killed} times kill -9 after ${judged} were judged; ` +
      `${lost.length} lost or changed; state: integrity ${integrity}`,
  );
  say(shown.trimEnd());
  await postfix.stop();
  await rig.close();
  rmSync(folder, { recursive: true });
  const isGood =
    lost.length === 0 && killed === kills && integrity === "ok" && / clean: /.test(shown);
  return isGood ? "good" : "bad";
}

if (insideNamespace() && process.argv[1] === import.meta.filename) {
  const messages = Number(process.env["POSTERN_MESSAGES"] ?? 20_000);
  const kills = Number(process.env["POSTERN_KILLS"] ?? 200);
  const say: Say = (line) => void process.stdout.write(`${line}\n`);
  process.exitCode = (await play(messages, kills, say)) === "good" ? 0 : 1;
}
