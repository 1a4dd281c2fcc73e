import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connectMta } from "@postern/milter-adapter";
import { withConfig } from "../config/testing/with-config.ts";
import { startDaemon } from "./daemon.ts";

const YAML = `listen: { milter: unix:milter.sock, exim: unix:exim.sock }
state: none
trusted: []
dns: { servers: ['127.0.0.1:9'], timeoutMs: 200 }
policy: { extends: postmaster-2026, deny: [{ client: 192.0.2.1 }] }
`;
const REFUSED = 150;

/** Refuses {@link REFUSED} recipients of one session; what the daemon has logged by the time it is over. */
async function linesOf(session: (folder: string) => Promise<void>): Promise<readonly string[]> {
  const lines: string[] = [];
  let tell = (): void => {};
  await withConfig(YAML, async (config, folder) => {
    const daemon = await startDaemon(config, (line) => {
      lines.push(line);
      tell();
    });
    try {
      const counted = new Promise<void>((resolve) => {
        tell = () => {
          if (lines.some((line) => line.includes(" session "))) resolve();
        };
      });
      await session(folder);
      await counted;
    } finally {
      await daemon.stop();
    }
  });
  return lines;
}

function assertBudget(lines: readonly string[], mta: string): void {
  const told = lines.filter((line) => line.includes(` ${mta} rcpt `));
  assert.equal(told.length, 100, lines.at(-1));
  const counts = lines.filter((line) => line.includes(` ${mta} session `));
  assert.equal(counts.length, 1);
  assert.match(
    counts[0] ?? "",
    /^[0-9a-f]{16} \w+ session address=192\.0\.2\.1 .*refused=50 refusals=reject:client\.denied:50$/,
  );
}

test("serve, milter: a session has 100 lines for refusals, and one that counts", async () => {
  const lines = await linesOf(async (folder) => {
    const socket = { kind: "unix", path: join(folder, "milter.sock") } as const;
    const macros = { connect: [["v", "Postfix 3.7.11"]] } as const;
    await using mta = await connectMta(socket, { macros, silenceMs: 20_000 });
    const { client } = mta;
    await client.connect("[192.0.2.1]", { family: "inet", port: 41_000, address: "192.0.2.1" });
    await client.helo("mail.example.net");
    await client.mail("<a@example.net>");
    for (let index = 0; index < REFUSED; index += 1) {
      const verdict = await client.rcpt(`<u${index}@example.org>`);
      assert.equal(verdict.kind, "reply");
    }
    client.quit();
  });
  assertBudget(lines, "postfix");
});

test("serve, Exim: requests of one session share its 100 lines", async () => {
  const lines = await linesOf(async (folder) => {
    const ask = async (stage: string, values: Readonly<Record<string, string>>) => {
      const who = { session: "4711.1795516800123456", ip: "192.0.2.1", port: "41000" };
      const more = { lip: "198.51.100.1", lport: "25", mta: "exim/4.96", ...values };
      const words = Object.entries({ ...who, ...more }).map(
        ([key, value]) => `${key}=${Buffer.from(value, "latin1").toString("base64url")}`,
      );
      const socket = connect(join(folder, "exim.sock"));
      socket.end(`POSTERN1 ${stage} ${words.join(" ")}\n`);
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
      });
      await once(socket, "close");
      return answer;
    };
    await ask("connect", {});
    await ask("helo", { helo: "mail.example.net" });
    const mail = { helo: "mail.example.net", from: "a@example.net" };
    await ask("mail", mail);
    for (let index = 0; index < REFUSED; index += 1) {
      const answer = await ask("rcpt", { ...mail, rcpt: `u${index}@example.org` });
      assert.match(answer, /550/);
    }
    await ask("quit", mail);
  });
  assertBudget(lines, "exim");
});
