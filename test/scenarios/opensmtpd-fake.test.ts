import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Dialogue } from "../../packages/opensmtpd-adapter/src/testing/dialogue.ts";
import { SpawnedFilter } from "../../packages/opensmtpd-adapter/src/testing/spawned-filter.ts";
import { serveZone } from "../mta/scripted-dns.ts";
import { expectedLog, isLogged } from "./log-fields.ts";
import { assertOutgoingTeaches } from "./outgoing-teaches.ts";
import { recordCell } from "./parity.ts";
import { stateFor } from "./remember.ts";
import { PATIENT } from "./rig.ts";
import type { Scenario } from "./scenario.ts";
import { withConfigFile } from "./setup.ts";
import { table } from "./table.ts";
import { untimed } from "./untimed.ts";

const MAIN = join(import.meta.dirname, "../../packages/postern/src/main.ts");

/** What the smtpd that we can get here cannot do, with both orders of the fields of `link-auth`. */
const releases = [
  { release: "6.8.0p2", version: "0.6" },
  { release: "7.8.0", version: "0.7" },
] as const;

/** The real filter, both processes of it, before a strict smtpd that knows TLS and logins. */
for (const scenario of table) {
  if (scenario.cells.opensmtpd !== "fake") continue;
  for (const { release, version } of releases) {
    test(`opensmtpd ${release}, strict: ${scenario.id}`, async () => {
      await using dns = await serveZone(scenario.dns as Parameters<typeof serveZone>[0]);
      const servers = [`127.0.0.1:${dns.port}`];
      const config = { ...scenario.config, dns: { servers, timeoutMs: 300 } };
      await withConfigFile(config, async (file) => {
        const program = [MAIN, "opensmtpd", "--config", file];
        await using filter = new SpawnedFilter({ release, program });
        const isJudging = (): boolean => filter.log.some((line) => /mode enforce/.test(line));
        await filter.until(isJudging);
        if (scenario.client.tls === "unused")
          await play(filter, { ...scenario, client: { ...scenario.client, tls: "used" } }, version);
        const told = await play(filter, scenario, version);
        await assertTold(filter, scenario, told);
      });
    });
  }
}

for (const { release, version } of releases) {
  test(`opensmtpd ${release}, strict: what a user sends teaches whom he knows`, async () => {
    const [row] = table;
    assert.ok(row);
    const folder = await mkdtemp(join(tmpdir(), "postern-teaches-"));
    try {
      const remembered = { reputation: {}, seen: "retry" } as const;
      await using dns = await serveZone(row.dns as Parameters<typeof serveZone>[0]);
      const config = {
        ...row.config,
        state: await stateFor({ ...row, remembered }, folder),
        limits: PATIENT,
        dns: { servers: [`127.0.0.1:${dns.port}`], timeoutMs: 300 },
      };
      await withConfigFile(config, async (file) => {
        const program = [MAIN, "opensmtpd", "--config", file];
        await using filter = new SpawnedFilter({ release, program });
        await filter.until(() => filter.log.some((line) => /mode enforce/.test(line)));
        await assertOutgoingTeaches({
          prepare: async () => {},
          play: (scenario) => play(filter, scenario, version),
          lines: () => filter.log,
        });
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

interface Told {
  /** The first refusal, as smtpd passes it on, and the command that it is the reply to. */
  readonly refusal: string | null;
  readonly at: string;
  /** As smtpd would queue it, without what it wrote itself; null: it was not let in. */
  readonly header: string | null;
}

/** What the header of a message looks like that smtpd has received: its own field is the first one. */
const RECEIVED = "Received: from client by mx.example.org (OpenSMTPD)";
let sessions = 0;

async function play(filter: SpawnedFilter, scenario: Scenario, version: string): Promise<Told> {
  const { client, helo, from, rcpt, message } = scenario;
  sessions += 1;
  const d = new Dialogue(version, String(sessions).padStart(16, "0"));
  const already = filter.smtpd.answers.length;
  const messages = filter.smtpd.messages.length;
  const refused = () =>
    filter.smtpd.answers.slice(already).find(({ result }) => result !== "proceed");
  const lines = stuffed(message);
  const port = client.listener === "submission" ? 587 : 25;
  const stages: readonly (readonly string[])[] = [
    [
      d.linkConnect(`${client.ip}:41000`, "<unknown>", "fail", `198.51.100.1:${port}`),
      d.connect(client.ip, "<unknown>"),
    ],
    [d.report("link-greeting", "mx.example.org"), ...d.ehlo(helo)],
    client.tls === "used" || client.user !== undefined
      ? [d.report("link-tls", "TLSv1.3:TLS_AES_256_GCM_SHA384:256"), ...d.ehlo(helo)]
      : [],
    client.user === undefined ? [] : [d.auth("pass", client.user)],
    d.mail(from),
    ...rcpt.map((to) => d.rcpt(to)),
    d.data(RECEIVED, ...lines),
    [d.request("commit")],
  ];
  for (const stage of stages) {
    await filter.converse(stage);
    if (refused() !== undefined) break;
  }
  if (refused() === undefined) filter.say(d.committed());
  filter.say(d.report("link-disconnect"));
  const back = filter.smtpd.messages[messages]?.lines ?? [];
  const refusal = refused()?.result.replace(/^\w+ /, "") ?? null;
  const header = back.slice(0, back.indexOf("")).filter((line) => line !== RECEIVED);
  return {
    refusal,
    at: refused()?.phase.split("-", 1)[0]?.toUpperCase() ?? "message",
    header: refusal === null ? header.join("\n") : null,
  };
}

function stuffed(message: string): readonly string[] {
  const lines = Buffer.from(message, "utf8").toString("latin1").replace(/\n$/, "").split("\n");
  return lines.map((line) => (line.startsWith(".") ? `.${line}` : line));
}

async function assertTold(
  filter: SpawnedFilter,
  { id, expect }: Scenario,
  told: Told,
): Promise<void> {
  assert.equal(told.refusal, expect.reply);
  assert.equal(told.header === null, expect.reply !== null);
  for (const wanted of expect.headers ?? []) assert.match(told.header ?? "", wanted);
  for (const absent of expect.absentHeaders ?? []) assert.doesNotMatch(told.header ?? "", absent);
  const stages = expect.log.stage === undefined ? [] : [expect.log.stage];
  await filter.until(() =>
    filter.log.some((line) => isLogged(untimed(line), "opensmtpd", stages, expectedLog(expect))),
  );
  recordCell({ front: "opensmtpd", id, reply: told.refusal, at: told.at });
}
