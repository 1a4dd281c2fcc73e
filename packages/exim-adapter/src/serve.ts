import { createServer } from "node:net";
import { type Listener, listenOn, peerName, plainAddress } from "@postern/listener";
import { type AnswerOptions, settingsOf } from "./options.ts";
import { Exchange } from "./serve/exchange.ts";
import { type ListenerCounters, Tally } from "./serve/tally.ts";
import { type SessionCounters, Translator } from "./translate.ts";

export interface ServeEximOptions extends AnswerOptions {
  readonly listener: Listener;
  /** Who may connect over TCP, by address. Default: everybody who can. */
  readonly allowPeer?: (address: string) => boolean;
  /** Connections beyond it are closed at once, so that the mail server does not wait. Default 2,000. */
  readonly maxConnections?: number;
}

/** How often each event happened since the start. */
export interface EximCounters extends ListenerCounters, SessionCounters {}

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
  const { listener, maxConnections = 2000 } = options;
  const tally = new Tally(options.onEvent ?? (() => {}));
  const settings = settingsOf({ ...options, onEvent: tally.tell });
  const translator = new Translator(settings);
  const exchanges = new Set<Exchange>();
  // Exim closes its half when it has written a line or SpamAssassin's request.
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plainAddress(socket.remoteAddress)) ?? true);
    if (!isAllowed) {
      tally.tell({ kind: "refused-connection", peer });
      socket.destroy();
      return;
    }
    const exchange = new Exchange(socket, settings, translator, peer, () =>
      exchanges.delete(exchange),
    );
    exchanges.add(exchange);
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
