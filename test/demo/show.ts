import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDaemon } from "../mta/daemon.ts";
import { insideNamespace } from "../mta/namespace.ts";
import { serveZone } from "../mta/scripted-dns.ts";
import { clients, type DemoClient, zone } from "./clients.ts";

/** Lets one client try to hand in a mail; gives the lines of what it was told. */
export type Tell = (client: DemoClient) => Promise<readonly string[]>;

/** Opens a mail server in front of the milter at `address`; disposed of at the end. */
export type OpenTell = (
  address: string,
  folder: string,
) => Promise<AsyncDisposable & { readonly tell: Tell }>;

const MAIN = join(import.meta.dirname, "../../packages/postern/src/main.ts");

/** Starts everything, and prints what each client was told and the daemon's own log line for it. */
export async function showClients(
  say: (line: string) => void,
  folder: string,
  open: OpenTell,
): Promise<void> {
  await chmod(folder, 0o755);
  await using dns = await serveZone(
    zone as Parameters<typeof serveZone>[0],
    insideNamespace() ? { port: 53 } : {},
  );
  const config = [
    "# postern.yaml",
    "listen: { milter: inet:127.0.0.1:0 }",
    `dns: { servers: ["127.0.0.1:${dns.port}"] }`,
    "authservId: mx.example.org",
    "scores: [{ zone: score.senderscore.com }]",
    "policy: { extends: poolp-2019, slowFactor: 200 }",
  ];
  const file = join(folder, "postern.yaml");
  await writeFile(file, `${config.join("\n")}\n`);
  say("");
  for (const line of config) say(`  ${line}`);
  await using daemon = await startDaemon(["--conditions=source", MAIN, "serve", "--config", file], {
    readyLine: /listening on/,
    // What it learns stays in the demo's own folder.
    env: { STATE_DIRECTORY: folder },
  });
  const [, address = ""] =
    /listening on (\S+)/.exec(await daemon.waitForLine(/listening on/)) ?? [];
  await using server = await open(address, folder);
  for (const [i, client] of clients.entries()) {
    const seen = daemon.lines().length;
    say("");
    say(`${i + 1}. ${client.ip}, ${client.title}`);
    for (const line of await server.tell(client)) say(`   ${line}`);
    const logged = await nextDecision(() => daemon.lines().slice(seen));
    say(`   log: ${logged}`);
  }
}

async function nextDecision(lines: () => readonly string[]): Promise<string> {
  for (let turn = 0; turn < 250; turn += 1) {
    const line = lines().find((text) => / action=/.test(text));
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the daemon logged no decision within 5 s");
}
