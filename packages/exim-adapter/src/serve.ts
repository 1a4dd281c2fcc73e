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
import { type AnswerOptions, settingsOf } from "./options.ts";
import { Exchange } from "./serve/exchange.ts";
import { type ListenerCounters, Tally } from "./serve/tally.ts";
import { type SessionCounters, Translator } from "./translate.ts";

export interface ServeEximOptions extends AnswerOptions {
  readonly listener: Listener;
  /** Who may connect over TCP, by address. Default: everybody who can. */
  readonly allowPeer?: (address: string) => boolean;
  /**
   * Connections beyond it are closed at once, so that the mail server does not wait. Half of them is for those that have
   * proved to speak the protocol, by a request. Default 2,000.
   */
  readonly maxConnections?: number;
  /** What connections may hold of what is not judged yet, shared with other servers. Default: 256 MiB of its own. */
  readonly account?: ByteAccount;
}

/** How often each event happened since the start. */
export interface EximCounters extends ListenerCounters, SessionCounters {}

/** Where nobody gives an account: 128 KiB for each of 2,000 connections. */
const MAX_HELD_BYTES = 256 << 20;

/** What is read ahead of a connection while its answer is sought. */
const SOCKET_BYTES = 16_384;

/** A filter that listens. Disposing of it is `drain(0)`. */
export interface EximServer extends AsyncDisposable {
  /** `inet:127.0.0.1:8892` or `unix:/path`, with the real port. */
  readonly address: string;
  /** null for a unix socket. */
  readonly port: number | null;
  counters(): EximCounters;
  /** Stops listening and lets requests be answered; what is left after `deadlineMs` is cut off. */
  drain(deadlineMs: number): Promise<void>;
}

/**
 * Listens for Exim and notqmail, and answers each request; PROTOCOL.md has what they may be.
 *
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, no such group.
 */
export async function serveExim(options: ServeEximOptions): Promise<EximServer> {
  const { listener, maxConnections = 2000, account = new ByteAccount(MAX_HELD_BYTES) } = options;
  const tally = new Tally(options.onEvent ?? (() => {}));
  const settings = settingsOf({ ...options, onEvent: tally.tell });
  const translator = new Translator(settings);
  const exchanges = new Set<Exchange>();
  const places = new Places(maxConnections);
  // Exim closes its half when it has written a line or SpamAssassin's request.
  const socketOptions = { noDelay: true, allowHalfOpen: true, highWaterMark: SOCKET_BYTES };
  const server = createServer(socketOptions, (socket) => {
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
      exchange.cut();
    };
    const place = places.take(() => putOut({ kind: "displaced", peer }));
    if (place === undefined) {
      tally.tell({ kind: "over-limit", peer, limit: maxConnections });
      socket.destroy();
      return;
    }
    const hold = account.open((heldBytes) => putOut({ kind: "evicted", peer, heldBytes }));
    const exchange = new Exchange(socket, settings, translator, peer, { place, hold }, () =>
      exchanges.delete(exchange),
    );
    exchanges.add(exchange);
    tally.accepted += 1;
  });
  const bound = await listenOn(server, listener);
  server.on("error", (error) => tally.tell({ kind: "listener-error", error }));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  const drain = async (deadlineMs: number): Promise<void> => {
    await bound.release();
    if (server.listening) server.close();
    const cut = (): void => {
      for (const exchange of exchanges) exchange.cut();
    };
    const cancel = deadlineMs > 0 ? settings.startTimer(deadlineMs, cut) : void cut();
    await closed;
    cancel?.();
    translator.close();
  };
  return {
    address: bound.address,
    port: bound.port,
    counters: () => ({ ...tally.counters(exchanges.size), ...translator.counters() }),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}
