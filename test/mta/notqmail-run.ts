import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dieWithParent } from "./die-with-parent.ts";
import { FRONT, QUEUE, STANDIN_QUEUE } from "./notqmail.ts";

/** One run of a hook alone, without a mail server around it. */
export interface HookRun {
  /** Added to an environment that has nothing but PATH; default: a client at 192.0.2.1. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface QueueRun extends HookRun {
  readonly message?: Uint8Array;
  readonly envelope?: Uint8Array;
  /** Whether the caller listens at descriptor 6, as notqmail does since 1.09. */
  readonly descriptor6?: "open" | "closed";
  /** Shell commands before the hook is run in their place. */
  readonly before?: string;
}

export interface QueueEnd {
  /** The exit code, or the signal that ended it. */
  readonly ended: number | NodeJS.Signals;
  /** What came at descriptor 6. */
  readonly sentence: string;
  readonly stderr: string;
  /** What the stand-in for qmail-queue kept; null: nothing. */
  readonly kept: { readonly message: Buffer; readonly envelope: Buffer } | null;
}

export const CLIENT: Readonly<Record<string, string>> = {
  TCPREMOTEIP: "192.0.2.1",
  TCPREMOTEPORT: "40000",
  TCPLOCALIP: "198.51.100.1",
  TCPLOCALPORT: "25",
};
export const ENVELOPE: Buffer = Buffer.from("Fa@example.com\0Tb@example.org\0\0");
export const MESSAGE: Buffer = Buffer.from(
  "Received: from unknown (HELO mail.example.com) (192.0.2.1)\n  by mx; date\nSubject: t\n\nhello\n",
);

/** Runs postern-queue as qmail-smtpd does: message on descriptor 0, envelope on 1. */
export async function runQueue(run: QueueRun): Promise<QueueEnd> {
  const folder = await mkdtemp(join(tmpdir(), "postern-queue-"));
  const at = (name: string): string => join(folder, name);
  await writeFile(at("in"), run.message ?? MESSAGE);
  await writeFile(at("to"), run.envelope ?? ENVELOPE);
  await using message = await open(at("in"));
  await using envelope = await open(at("to"));
  await using sentence = await open(at("said"), "w");
  const others = ["ignore", "ignore", "ignore", sentence.fd] as const;
  const isOpen = run.descriptor6 !== "closed";
  const [command, args] = dieWithParent("/bin/sh", ["-c", `${run.before ?? ""}\nexec ${QUEUE}`]);
  const child = spawn(command, args, {
    env: {
      ...{ PATH: process.env["PATH"], POSTERN_QMAILQUEUE: STANDIN_QUEUE, STANDIN_FOLDER: folder },
      ...(run.environment ?? CLIENT),
    },
    stdio: [message.fd, envelope.fd, "pipe", ...(isOpen ? others : [])],
  });
  const [ended, stderr] = await endOf(child);
  const names = await readdir(folder);
  const kept = async (kind: string): Promise<Buffer | null> => {
    const name = names.find((one) => one.endsWith(kind));
    return name === undefined ? null : readFile(at(name));
  };
  const [first, second] = [await kept(".message"), await kept(".envelope")];
  const said = await readFile(at("said"), "latin1");
  await rm(folder, { recursive: true });
  return {
    ended,
    sentence: said,
    stderr,
    kept: first && second && { message: first, envelope: second },
  };
}

/** Runs postern-front before a program that prints RAN and what it finds in the variables named. */
export async function runFront(
  run: HookRun,
  show: readonly string[] = [],
): Promise<{
  readonly ended: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}> {
  const print = `printf 'RAN ${show.map(() => "[%s]").join("")}' ${show.map((name) => `"\${${name}-unset}"`).join(" ")}`;
  const [command, args] = dieWithParent(FRONT, ["sh", "-c", print]);
  const child = spawn(command, args, {
    env: { PATH: process.env["PATH"], ...(run.environment ?? CLIENT) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [ended, stderr] = await endOf(child);
  return { ended, stdout: Buffer.concat(chunks).toString("latin1"), stderr };
}

/** A daemon that says what it is told to say. */
export interface FakeDaemon extends AsyncDisposable {
  /** POSTERN_SOCKET. */
  readonly socket: string;
  /** Whole requests, once answered. */
  readonly requests: readonly Buffer[];
}

/** How it treats a connection: the bytes to answer with when all has come, or what it does instead. */
export type Treatment = Uint8Array | string | ((socket: Socket) => void);

export async function openFakeDaemon(treatment: Treatment): Promise<FakeDaemon> {
  const requests: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (typeof treatment === "function") return treatment(socket);
    let request = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      request = Buffer.concat([request, chunk]);
      if (!isWhole(request)) return;
      requests.push(request);
      socket.end(treatment);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    socket: `inet:127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The keys of a request, each byte one character, and the message behind them. */
export function readRequest(request: Buffer | undefined): {
  readonly keys: Readonly<Record<string, string>>;
  readonly message: Buffer;
} {
  const text = request?.toString("latin1") ?? "";
  const words = (/^User: (.*)\r$/m.exec(text)?.[1] ?? text.trimEnd()).split(" ");
  const keys = words
    .filter((word) => word.includes("="))
    .map((word) => {
      const equals = word.indexOf("=");
      const value = Buffer.from(word.slice(equals + 1), "base64url").toString("latin1");
      return [word.slice(0, equals), value];
    });
  const message = request?.subarray(text.indexOf("\r\n\r\n") + 4) ?? Buffer.alloc(0);
  return { keys: Object.fromEntries(keys), message };
}

function isWhole(request: Buffer): boolean {
  if (request.toString("latin1", 0, 9) === "POSTERN1 ") return request.includes("\n");
  const end = request.indexOf("\r\n\r\n");
  const [, length] =
    /\r\nContent-length: (\d+)\r\n/.exec(request.toString("latin1", 0, end + 2)) ?? [];
  return end !== -1 && request.length >= end + 4 + Number(length);
}

async function endOf(
  child: ChildProcess,
): Promise<[ended: number | NodeJS.Signals, stderr: string]> {
  const chunks: Buffer[] = [];
  child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return [code ?? signal ?? -1, Buffer.concat(chunks).toString("latin1")];
}
