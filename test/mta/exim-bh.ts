import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { dieWithParent } from "./die-with-parent.ts";
import type { Exim } from "./exim.ts";

/** A client as `exim -bh` is told of it. */
export interface PretendedClient {
  readonly address: string;
  /** The port it connected to. Default 25. */
  readonly arrivalPort?: number;
}

const environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C.UTF-8"];

/**
 * Gives `action` a port of 127.0.0.1 behind which `exim -bh` stands, with the configuration of an Exim that runs. It
 * takes one connection: every ACL runs as for that client, and what is accepted is thrown away.
 */
export async function withEximBh<T>(
  exim: Exim,
  { address, arrivalPort = 25 }: PretendedClient,
  action: (port: number) => Promise<T>,
): Promise<T> {
  const arrival = `${address.includes(":") ? "2001:db8::1" : "198.51.100.25"}.${arrivalPort}`;
  const [command, args] = dieWithParent("nsenter", [
    ...["-t", String(exim.pid), "-m", "--", ...environment],
    ...["exim4", "-oMi", arrival, "-bh", address],
  ]);
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
  child.stdin.on("error", () => {}); // it may end before the client has said all
  const ended = once(child, "close");
  const server = createServer((socket) => {
    socket.on("error", () => child.stdin.end());
    socket.pipe(child.stdin);
    const skip = skipNotice((bytes) => socket.write(bytes));
    child.stdout.on("data", skip);
    child.stdout.once("end", () => socket.end());
  });
  server.maxConnections = 1;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await action((server.address() as AddressInfo).port);
  } finally {
    child.stdin.end();
    await ended;
    server.close();
  }
}

/** It says first, on the same stream, that this is not for real. */
function skipNotice(pass: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let notice: Buffer | undefined = Buffer.alloc(0);
  return (bytes) => {
    if (notice === undefined) return pass(bytes);
    notice = Buffer.concat([notice, bytes]);
    const start = notice.toString("latin1").search(/^[245]\d\d[ -]/m);
    if (start < 0) return;
    pass(notice.subarray(start));
    notice = undefined;
  };
}
