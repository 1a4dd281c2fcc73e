import { createServer } from "node:net";
import {
  ByteAccount,
  type Listener,
  listenOn,
  Places,
  peerName,
  plainAddress,
} from "@postern/smtp-filter/serve";
import type { ServerEvent } from "./events.ts";
import type { SessionOptions } from "./options.ts";
import { Link } from "./serve/link.ts";
import { type MilterCounters, Tally } from "./serve/tally.ts";
import { startTimer } from "./timers.ts";
import { BufferPool } from "./wire/buffer-pool.ts";

export interface ServeOptions extends Omit<SessionOptions, "onEvent"> {
  readonly listener: Listener;
  /** Who may connect over TCP, by address. Default: everybody who can. */
  readonly allowPeer?: (address: string) => boolean;
  /**
   * Connections beyond it are closed at once, so that the MTA does not wait. Half of them is for those that have proved
   * to speak the protocol, by a CONNECT. Default 2,000.
   */
  readonly maxConnections?: number;
  /** What connections may hold of what is not judged yet, shared with other servers. Default: 256 MiB of its own. */
  readonly account?: ByteAccount;
  readonly onEvent?: (event: ServerEvent) => void;
}

/** Where nobody gives an account: 128 KiB for each of 2,000 connections, a body chunk and a header. */
const MAX_HELD_BYTES = 256 << 20;

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
  const { listener, maxConnections = 2000, account = new ByteAccount(MAX_HELD_BYTES) } = options;
  const tally = new Tally(options.onEvent ?? (() => {}));
  const served = { ...options, onEvent: tally.tell };
  const links = new Set<Link>();
  const places = new Places(maxConnections);
  const pool = new BufferPool();
  const server = createServer({ noDelay: true }, (socket) => {
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plainAddress(socket.remoteAddress)) ?? true);
    if (!isAllowed) {
      tally.tell({ kind: "refused-connection", peer });
      socket.destroy();
      return;
    }
    const putOut = (event: ServerEvent): void => {
      tally.tell(event);
      link.cut("aborted");
    };
    const place = places.take(() => putOut({ kind: "displaced", peer }));
    if (place === undefined) {
      tally.tell({ kind: "over-limit", peer, limit: maxConnections });
      socket.destroy();
      return;
    }
    const hold = account.open((heldBytes) => putOut({ kind: "evicted", peer, heldBytes }));
    const link = new Link(socket, served, pool, peer, { place, hold }, () => links.delete(link));
    links.add(link);
    tally.accepted += 1;
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
