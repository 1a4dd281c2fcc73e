import { connect, type Socket } from "node:net";
import {
  type FakeClock,
  fakeClock,
  type PortScript,
  scriptedPort,
} from "@postern/smtp-filter/testing";
import type { ServerEvent } from "../events.ts";
import { type EximServer, type ServeEximOptions, serveExim } from "../serve.ts";

/** A server on a scripted port and a clock that stands still. */
export interface ScriptedServer extends AsyncDisposable {
  readonly server: EximServer;
  readonly clock: FakeClock;
  /** What the port was told. */
  readonly calls: string[];
  readonly events: readonly ServerEvent[];
  /** A connection that does what it is told to. */
  connect(): Promise<Peer>;
  /** One request by an Exim that closes its half behind it, and its answer. */
  ask(request: string): Promise<string>;
}

/** Listens on loopback unless told otherwise. */
export async function scriptedServer(
  script: PortScript = {},
  options: Partial<Omit<ServeEximOptions, "open" | "onEvent" | "clock">> = {},
): Promise<ScriptedServer> {
  const clock = fakeClock();
  const events: ServerEvent[] = [];
  const calls: string[] = [];
  const server = await serveExim({
    listener: { kind: "inet", host: "127.0.0.1", port: 0 },
    ...options,
    open: scriptedPort(calls, script),
    onEvent: (event) => events.push(event),
    clock,
  });
  return {
    server,
    clock,
    calls,
    events,
    connect: () => Peer.open(server),
    async ask(request) {
      using peer = await Peer.open(server);
      peer.socket.end(request, "latin1");
      return await peer.answer;
    },
    [Symbol.asyncDispose]: () => server.drain(0),
  };
}

/** A socket to a filter. */
export class Peer implements Disposable {
  readonly socket: Socket;
  /** All that the filter says, when it has closed. */
  readonly answer: Promise<string>;

  private constructor(socket: Socket) {
    this.socket = socket;
    const said: Buffer[] = [];
    socket.on("data", (chunk) => said.push(chunk));
    socket.on("error", () => {});
    this.answer = new Promise((resolve) => {
      const done = () => resolve(Buffer.concat(said).toString("latin1"));
      socket.once("end", done);
      socket.once("close", done);
    });
  }

  static async open({ address, port }: EximServer): Promise<Peer> {
    const socket = connect({
      ...(port === null ? { path: address.slice("unix:".length) } : { host: "127.0.0.1", port }),
      allowHalfOpen: true,
    });
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Peer(socket);
  }

  write(bytes: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, "latin1", () => resolve()));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Lets the loop turn until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
