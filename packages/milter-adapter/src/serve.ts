import { type AddressInfo, createServer, type Server } from "node:net";
import type { ServerEvent } from "./events.ts";
import type { SessionOptions } from "./options.ts";
import { formatListenAddress } from "./parse-address.ts";
import { Link } from "./serve/link.ts";
import { type MilterCounters, Tally } from "./serve/tally.ts";
import { listenOnUnixSocket, removeSocket, type UnixListener } from "./serve/unix-socket.ts";
import { startTimer } from "./timers.ts";
import { SpareRooms } from "./wire/spare-rooms.ts";

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
  const spareRooms = new SpareRooms();
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = nameOf(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plain(socket.remoteAddress)) ?? true);
    if (!isAllowed) {
      tally.tell({ kind: "refused-connection", peer });
      socket.destroy();
      return;
    }
    const link = new Link(socket, served, spareRooms, peer, () => links.delete(link));
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
