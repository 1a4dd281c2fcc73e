import { createServer } from "node:net";
import { type Listener, listenOn, peerName, plainAddress } from "@postern/listener";
import type { ServerEvent } from "./events.ts";
import type { SessionOptions } from "./options.ts";
import { Link } from "./serve/link.ts";
import { type MilterCounters, Tally } from "./serve/tally.ts";
import { startTimer } from "./timers.ts";
import { SpareRooms } from "./wire/spare-rooms.ts";

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
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, no such group.
 */
export async function serveMilter(options: ServeOptions): Promise<MilterServer> {
  const { listener, maxConnections = 2000 } = options;
  const tally = new Tally(options.onEvent ?? (() => {}));
  const served = { ...options, onEvent: tally.tell };
  const links = new Set<Link>();
  const spareRooms = new SpareRooms();
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plainAddress(socket.remoteAddress)) ?? true);
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
    const peer = peerName(dropped?.remoteAddress, dropped?.remotePort);
    tally.tell({ kind: "over-limit", peer, limit: maxConnections });
  });
  const bound = await listenOn(server, listener);
  server.on("error", (error) => tally.tell({ kind: "listener-error", error }));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  const drain = async (deadlineMs: number): Promise<void> => {
    await bound.release();
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
    address: bound.address,
    port: bound.port,
    counters: () => tally.counters(links.size),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}
