import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withConfig } from "../config/testing/with-config.ts";

const MAIN = join(import.meta.dirname, "../main.ts");
const skip = process.getuid?.() === 0 ? false : "needs root, to drop privileges";

/** RFC 1035 section 4.1: NXDOMAIN to whatever was asked. */
function nxdomain(query: Buffer): Buffer {
  const reply = Buffer.from(query);
  reply.writeUInt16BE(0x8183, 2);
  return reply;
}

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = 12, length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return labels.join(".");
}

function packet(command: string, ...data: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat([command, ...data].map((part) => Buffer.from(part)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** What a mail server says of a client that connects. */
const CONNECT = Buffer.concat([
  packet("O", Buffer.from("00000006000001ff001fffff", "hex")),
  packet("C", "[192.0.2.7]\0", "4", Buffer.of(0x9c, 0x40), "192.0.2.7\0"),
]);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Connects at the first moment at which somebody listens. */
async function connectEarly(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect", { signal });
    socket.on("error", () => {});
    socket.write(CONNECT);
  } catch {
    socket.destroy();
    if (signal.aborted) return;
    await sleep(5);
    await connectEarly(port, signal);
  }
}

test("serve: root is given up before the first DNS question, be it the probe, a list's test or a client's", {
  skip,
}, async () => {
  const dns = createSocket("udp4").bind(0, "127.0.0.1");
  await once(dns, "listening");
  const port = await freePort();
  const yaml = `
listen: { milter: inet:127.0.0.1:${port} }
user: nobody
state: none
dns: { servers: ["127.0.0.1:${dns.address().port}"] }
lists: [{ zone: list.test, operator: test, codes: { 127.0.0.2: sbl } }]
`;
  await withConfig(yaml, async (_, folder) => {
    const file = join(folder, "postern.yaml");
    const asked: { readonly name: string; readonly uid: string | undefined }[] = [];
    const over = new AbortController();
    const child = spawn(process.execPath, ["--conditions=source", MAIN, "serve", "--config", file]);
    dns.on("message", (query, from) => {
      const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
      asked.push({ name: nameIn(query), uid: /^Uid:\t(\d+)\t/m.exec(status)?.[1] });
      dns.send(nxdomain(query), from.port, from.address);
      dns.emit("counted");
    });
    try {
      const early = connectEarly(port, over.signal);
      const wanted = ["", "2.0.0.127.list.test", "7.2.0.192.in-addr.arpa"];
      while (!wanted.every((name) => asked.some((one) => one.name === name)))
        await once(dns, "counted", { signal: AbortSignal.timeout(60_000) });
      await early;
      assert.deepEqual(
        asked.filter(({ uid }) => uid !== "65534"),
        [],
      );
    } finally {
      over.abort();
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  });
  dns.close();
});
