import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createOpen } from "@postern/filter-runtime";
import { type Client, parseIpAddress, parseMailbox, systemClock } from "@postern/smtp-filter";
import { loadConfig } from "../../packages/postern/src/config/load.ts";
import {
  daemonSurroundings,
  openConfiguredDns,
  openConfiguredLists,
  openConfiguredScores,
  openConfiguredSources,
  settingsFrom,
} from "../../packages/postern/src/wire-up.ts";

/*
 * 80 clients a second, each from a network of its own, whose reverse names are ten whose servers never answer; beside
 * them 10 honest mails a second of domains that nobody has asked for before, whose DMARC policy is reject. How many of
 * these are told 451?
 */

const SECONDS = 15;
const FLOOD_PER_SECOND = 80;
const HONEST_PER_SECOND = 10;
/** What an answer takes that a resolver does not know yet. */
const RECURSION_MS = 30;

/** How a client of the flood behaves: it goes at once, after the answer to its first recipient, or stays silent. */
const MANNERS = ["goes at once", "waits for an answer", "stays and says nothing"] as const;
type Manner = (typeof MANNERS)[number];

export async function floodWithSilentZones(say: (line: string) => void): Promise<"good" | "bad"> {
  let isGood = true;
  for (const manner of MANNERS) {
    const { mails, deferred, refused, announced } = await flood(manner);
    say(
      `silent zones, a client ${manner}: ${deferred} of ${mails} honest mails got 451, ${refused} 5xx; said ${announced} times`,
    );
    if (deferred > 0 || refused > 0) isGood = false;
  }
  return isGood ? "good" : "bad";
}

async function flood(manner: Manner) {
  await using dns = await openRecursion();
  const config = await loadConfig({
    cwd: "/nonexistent",
    systemFile: null,
    hostname: "mx.example.org",
  });
  let announced = 0;
  const announce = (): void => {
    announced += 1;
  };
  const configured = {
    ...config,
    dns: { ...config.dns, servers: [dns.server] },
  };
  const asked = openConfiguredDns(configured, announce, systemClock);
  await asked.probe();
  const surroundings = daemonSurroundings(() => {}, announce);
  const open = createOpen(() =>
    settingsFrom(configured, {
      ...surroundings,
      sources: openConfiguredSources(
        asked,
        openConfiguredLists(configured, announce, systemClock),
        openConfiguredScores(configured, announce, systemClock),
        systemClock,
      ),
      history: null,
      markKey: () => undefined,
    }),
  );
  const told: string[] = [];
  const under: Promise<unknown>[] = [];
  const until = performance.now() + SECONDS * 1_000;
  for (let tick = 0; performance.now() < until; tick += 1) {
    for (let i = 0; i < FLOOD_PER_SECOND / 10; i += 1)
      under.push(attack(open, tick * 10 + i, manner));
    for (let i = 0; i < HONEST_PER_SECOND / 10; i += 1)
      // The flood has two seconds to build up.
      if (tick >= 20) under.push(write(open, tick * 10 + i).then((text) => told.push(text)));
    await sleep(100);
  }
  await Promise.all(under);
  asked.close();
  return {
    mails: told.length,
    deferred: told.filter((text) => text.startsWith("4")).length,
    refused: told.filter((text) => text.startsWith("5")).length,
    announced,
  };
}

async function attack(open: ReturnType<typeof createOpen>, n: number, manner: Manner) {
  const connection = open(clientAt(`45.${n >> 8}.${n & 255}.7`));
  await connection.greet();
  await connection.hello(`mail.flood${n}.test`);
  if (manner === "waits for an answer") {
    const { transaction } = await connection.mail(parseMailbox(`<a@flood${n}.test>`), []);
    await transaction?.rcpt(parseMailbox("<b@example.org>"));
  }
  // It has heard that the reverse name is there, and the questions for the ten names are out.
  await sleep(manner === "stays and says nothing" ? 10_000 : 100);
  connection.close("quit");
}

/** An honest mail; its reply, or 250. */
async function write(open: ReturnType<typeof createOpen>, n: number): Promise<string> {
  const name = `good${n}.example`;
  const connection = open(clientAt(`81.${n >> 8}.${n & 255}.9`));
  const told = async (): Promise<string> => {
    for (const answer of [await connection.greet(), await connection.hello(`mail.${name}`)])
      if (answer.kind === "refuse") return String(answer.reply.code);
    const { transaction, answer } = await connection.mail(parseMailbox(`<a@${name}>`), []);
    if (transaction === undefined) return String(answer.kind === "refuse" && answer.reply.code);
    const rcpt = await transaction.rcpt(parseMailbox("<b@example.org>"));
    if (rcpt.kind === "refuse") return String(rcpt.reply.code);
    const message = transaction.message();
    for (const [field, value] of [
      ["From", ` a@${name}`],
      ["To", " b@example.org"],
      ["Date", ` ${new Date().toUTCString().replace("GMT", "+0000")}`],
      ["Message-ID", ` <${n}@${name}>`],
    ] as const)
      message.header(Buffer.from(field), Buffer.from(value));
    message.body(Buffer.from("hello\r\n"));
    const final = await message.end();
    return final.kind === "refuse" ? String(final.reply.code) : "250";
  };
  const text = await told();
  connection.close("quit");
  return text;
}

function clientAt(text: string): Client {
  return {
    address: parseIpAddress(text) ?? null,
    port: 40_000,
    origin: "network",
    localAddress: null,
    localPort: 25,
    daemonName: "mx",
    mta: { name: "postfix", version: null },
  };
}

/** A resolver on the loopback: names below flood and silent ones as above, honest ones after a while. */
async function openRecursion(): Promise<AsyncDisposable & { readonly server: string }> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  let isOpen = true;
  socket.on("message", (query, from) => {
    const { name, end } = nameIn(query);
    if (name.includes("silent")) return;
    const answers = answersTo(name, query.readUInt16BE(end));
    setTimeout(() => {
      if (isOpen) reply(socket, query, end, answers, from);
    }, RECURSION_MS);
  });
  return {
    server: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: async () => {
      isOpen = false;
      socket.close();
      await once(socket, "close");
    },
  };
}

const TYPES = { a: 1, ptr: 12, mx: 15, txt: 16 } as const;

function answersTo(name: string, type: number): readonly Buffer[] {
  const reverse = /^\d+\.(\d+)\.(\d+)\.(45|81)\.in-addr\.arpa$/.exec(name);
  if (reverse !== null && type === TYPES.ptr) {
    const n = Number(reverse[2]) * 256 + Number(reverse[1]);
    return reverse[3] === "81"
      ? [nameOf(`mail.good${n}.example`)]
      : Array.from({ length: 10 }, (_, i) => nameOf(`mail.silent${n}-${i}.test`));
  }
  const good = /(?:^|\.)good(\d+)\.example$/.exec(name);
  if (good === null) return [];
  const n = Number(good[1]);
  if (type === TYPES.a) return [Buffer.of(81, n >> 8, n & 255, 9)];
  if (type === TYPES.mx)
    return [Buffer.concat([Buffer.of(0, 10), nameOf(`mail.good${n}.example`)])];
  if (type !== TYPES.txt) return [];
  if (name.startsWith("_dmarc.")) return [text("v=DMARC1; p=reject")];
  return name.startsWith("good") ? [text("v=spf1 mx -all")] : [text("v=spf1 a -all")];
}

function nameOf(name: string): Buffer {
  const labels = name.split(".").map((label) => Buffer.from(label));
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(label.length), label]),
    Buffer.of(0),
  ]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
}

function nameIn(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

/** RFC 1035 section 4.1. */
function reply(
  socket: Socket,
  query: Buffer,
  end: number,
  answers: readonly Buffer[],
  { port, address }: { readonly port: number; readonly address: string },
): void {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(answers.length, 6);
  head.fill(0, 8);
  const records = answers.flatMap((rdata) => {
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc00c, 0);
    query.copy(fixed, 2, end, end + 4);
    fixed.writeUInt16BE(rdata.length, 10);
    return [fixed, rdata];
  });
  socket.send(Buffer.concat([head, query.subarray(12, end + 4), ...records]), port, address);
}
