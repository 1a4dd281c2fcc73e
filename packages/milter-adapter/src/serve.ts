import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { ServerEvent } from "./events.ts";
import type { SessionOptions } from "./options.ts";
import { formatListenAddress } from "./parse-address.ts";
import { PacketQueue } from "./serve/packet-queue.ts";
import { PATIENCE_MS, Patience, type WaitedFor } from "./serve/patience.ts";
import { type MilterCounters, Tally } from "./serve/tally.ts";
import { listenOnUnixSocket, removeSocket, type UnixListener } from "./serve/unix-socket.ts";
import { startTimer } from "./timers.ts";
import { type Outlet, Session } from "./translate.ts";

/** Where to listen. inet port 0 is any free one. */
export type Listener =
  | UnixListener
  | { readonly kind: "inet"; readonly host: string; readonly port: number };

export interface ServeOptions extends Omit<SessionOptions, "onEvent"> {
  readonly listener: Listener;
  /** Who may connect over TCP, by address. Default: everybody who can. */
  readonly allowPeer?: (address: string) => boolean;
  /** Connections beyond it are closed at once, so that the MTA does not wait. Default 2,000. */
  readonly maxConnections?: number;
  readonly onEvent?: (event: ServerEvent) => void;
}

/** A filter that listens. Disposing of it is `drain(0)`. */
export interface MilterServer extends AsyncDisposable {
  /** As {@link parseListenAddress} reads it, with the real port. */
  readonly address: string;
  /** null for a unix socket. */
  readonly port: number | null;
  counters(): MilterCounters;
  /** Stops listening and lets the sessions end by themselves; what is left after `deadlineMs` is cut off. */
  drain(deadlineMs: number): Promise<void>;
}

/** Answers to the MTA that it does not read. */
const MAX_UNSENT_BYTES = 1 << 20;

/**
 * Listens for MTAs and plays a {@link Session} with each.
 *
 * @throws {Error} if it cannot listen there: the path is no socket or is in use, the port is taken, no such group.
 */
export async function serveMilter(options: ServeOptions): Promise<MilterServer> {
  const { listener, maxConnections = 2000 } = options;
  const tally = new Tally(options.onEvent ?? (() => {}));
  const served = { ...options, onEvent: tally.tell };
  const links = new Set<Link>();
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = nameOf(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plain(socket.remoteAddress)) ?? true);
    if (!isAllowed) {
      tally.tell({ kind: "refused-connection", peer });
      socket.destroy();
      return;
    }
    const link = new Link(socket, served, peer, () => links.delete(link));
    links.add(link);
    tally.accepted += 1;
  });
  server.maxConnections = maxConnections;
  server.on("drop", (dropped) => {
    const peer = nameOf(dropped?.remoteAddress, dropped?.remotePort);
    tally.tell({ kind: "over-limit", peer, limit: maxConnections });
  });
  const ino = listener.kind === "unix" ? await listenOnUnixSocket(server, listener) : null;
  if (listener.kind === "inet") await listenOnPort(server, listener.host, listener.port);
  server.on("error", (error) => tally.tell({ kind: "listener-error", error }));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  const port = listener.kind === "inet" ? (server.address() as AddressInfo).port : null;
  const drain = async (deadlineMs: number): Promise<void> => {
    if (listener.kind === "unix" && ino !== null) await removeSocket(listener.path, ino);
    if (server.listening) server.close();
    const cut = (): void => {
      for (const link of links) link.cut("aborted");
    };
    const cancel =
      deadlineMs > 0 ? (options.startTimer ?? startTimer)(deadlineMs, cut) : void cut();
    await closed;
    cancel?.();
  };
  return {
    address: formatListenAddress(
      listener.kind === "inet" ? { ...listener, port: port ?? 0 } : listener,
    ),
    port,
    counters: () => tally.counters(links.size),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}

/** One MTA's socket and the session on it. */
class Link implements Outlet {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #queue: PacketQueue;
  readonly #patience: Patience;
  readonly #unsent: Uint8Array[] = [];
  readonly #peer: string;
  readonly #tell: (event: ServerEvent) => void;

  constructor(
    socket: Socket,
    options: SessionOptions & { readonly onEvent: (event: ServerEvent) => void },
    peer: string,
    onClose: () => void,
  ) {
    this.#socket = socket;
    this.#peer = peer;
    this.#tell = options.onEvent;
    this.#session = new Session(options, this, peer);
    this.#queue = new PacketQueue(this.#session, options.maxPacketBytes, {
      settled: () => this.#settle("packet"),
      crashed: (error) => {
        this.#tell({ kind: "internal-error", peer, error });
        this.cut("aborted");
      },
    });
    this.#patience = new Patience(options.startTimer ?? startTimer, (what) => this.#lose(what));
    this.#patience.keep("negotiation");
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("end", () => this.cut("lost"));
    // Whatever it is (EPIPE, ECONNRESET), the MTA is gone; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.cut("lost");
      onClose();
    });
  }

  /** Answers of one turn leave in one write. */
  send(frame: Uint8Array): void {
    if (this.#unsent.push(frame) === 1) process.nextTick(this.#flush);
  }

  /** Once what was sent is out, the socket goes; a peer that does not read it cannot keep it. */
  close(): void {
    this.#flush();
    this.#queue.drop();
    this.#patience.restart("rest-of-packet");
    this.#socket.destroySoon();
  }

  /** Ends the session, if it has not ended, and the socket with it. */
  cut(why: "lost" | "aborted"): void {
    this.#patience.stop();
    this.#queue.drop();
    this.#session.end(why);
    this.#socket.destroy();
  }

  #read(chunk: Uint8Array): void {
    const before = this.#queue.packets;
    this.#queue.push(chunk);
    this.#settle(this.#queue.packets > before ? "packet" : "bytes");
  }

  /** What is waited for now, after what came. */
  #settle(came: "packet" | "bytes"): void {
    if (this.#session.state === "closed") return;
    if (this.#queue.isFull) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#queue.isBusy) this.#patience.stop();
    else if (this.#session.state === "new") this.#patience.keep("negotiation");
    else if (!this.#queue.isInPacket) this.#patience.restart("command");
    else if (came === "packet") this.#patience.restart("rest-of-packet");
    else this.#patience.keep("rest-of-packet");
  }

  #lose(waitedFor: WaitedFor): void {
    if (this.#session.state !== "closed") {
      const deadlineMs = PATIENCE_MS[waitedFor];
      this.#tell({ kind: "peer-deadline", peer: this.#peer, waitedFor, deadlineMs });
    }
    this.cut("aborted");
  }

  readonly #flush = (): void => {
    const [first, ...more] = this.#unsent.splice(0);
    if (first === undefined || !this.#socket.writable) return;
    this.#socket.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes <= MAX_UNSENT_BYTES) return;
    this.#tell({ kind: "not-reading", peer: this.#peer, unsentBytes });
    this.cut("lost");
  };
}

function listenOnPort(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) =>
    reject(new Error(`Cannot listen on ${host} port ${port}: ${error.message}`, { cause: error })),
  );
  server.listen({ host, port }, resolve);
  return promise.finally(() => server.removeAllListeners("error"));
}

/** An IPv4 client of a listener on `::` comes with a mapped address. */
function plain(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=[\d.]+$)/i, "") ?? "";
}

function nameOf(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "unix";
  const host = plain(address);
  return `${host.includes(":") ? `[${host}]` : host}:${port ?? 0}`;
}
