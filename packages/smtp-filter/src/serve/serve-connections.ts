import { createServer, type Socket } from "node:net";
import { type Clock, systemClock } from "../clock.ts";
import { ByteAccount, type Hold } from "./byte-account.ts";
import { type Listener, listenOn } from "./listen-on.ts";
import { peerName, plainAddress } from "./peer.ts";
import { type Place, Places } from "./places.ts";

/** Where a filter listens, and how many may connect. */
export interface ListenOptions<Event> {
  readonly listener: Listener;
  /** Who may connect over TCP, by address. Default: everybody who can. */
  readonly allowPeer?: (address: string) => boolean;
  /**
   * Connections beyond it are closed at once, so that the mail server does not wait. Half of them is for those that have
   * proved to speak the protocol. Default 2,000.
   */
  readonly maxConnections?: number;
  /** What connections may hold of what is not judged yet, shared with other servers. Default: 256 MiB of its own. */
  readonly account?: ByteAccount;
  readonly onEvent?: (event: Event | ListenerEvent) => void;
  /** Instead of the machine's: for tests. */
  readonly clock?: Clock;
}

/** What happens to connections before their protocol matters, and to the listener. */
export type ListenerEvent =
  /** `allowPeer` did not. */
  | { readonly kind: "refused-connection"; readonly peer: string }
  /** All places are taken by peers that have proved to speak the protocol. */
  | { readonly kind: "over-limit"; readonly peer: string; readonly limit: number }
  /** Closed before it had proved that: its place was needed for a newer connection. */
  | { readonly kind: "displaced"; readonly peer: string }
  /** Closed: of all connections it held the most bytes that were not judged yet, and there were too many. */
  | { readonly kind: "evicted"; readonly peer: string; readonly heldBytes: number }
  /** The system refused a connection (EMFILE); the listener goes on. */
  | { readonly kind: "listener-error"; readonly error: unknown };

/** What a connection takes from the others; it is given back when its socket closes. */
export interface Share {
  readonly place: Place;
  readonly hold: Hold;
}

/** What a protocol does with a socket. */
export interface ServedProtocol {
  readonly socketOptions: { readonly allowHalfOpen?: boolean; readonly highWaterMark?: number };
  /** @returns ends the connection at once. */
  serve(socket: Socket, peer: string, share: Share): () => void;
}

/** A filter that listens. Disposing of it is `drain(0)`. */
export interface ConnectionServer<Kind extends string = string> extends AsyncDisposable {
  /** `inet:127.0.0.1:8892` or `unix:/path`, with the real port. */
  readonly address: string;
  /** null for a unix socket. */
  readonly port: number | null;
  /** Connections there are now. */
  readonly open: number;
  /** Connections that were let in since the start. */
  readonly accepted: number;
  /** How often an event has come since the start. */
  count(kind: Kind | ListenerEvent["kind"]): number;
  /** Stops listening and lets what is open end by itself; what is left after `deadlineMs` is cut off. */
  drain(deadlineMs: number): Promise<void>;
}

/** Where nobody gives an account: 128 KiB for each of 2,000 connections. */
const MAX_HELD_BYTES = 256 << 20;

/**
 * Listens for mail servers, and gives each connection that finds a place to the protocol.
 *
 * @param start is told once where the events of the protocol go.
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, no such group.
 */
export async function serveConnections<Event extends { readonly kind: string }>(
  options: ListenOptions<Event>,
  start: (tell: (event: Event) => void) => ServedProtocol,
): Promise<ConnectionServer<Event["kind"]>> {
  const { listener, maxConnections = 2000, account = new ByteAccount(MAX_HELD_BYTES) } = options;
  const { onEvent = () => {}, clock = systemClock } = options;
  const counts = new Map<string, number>();
  const tell = (event: Event | ListenerEvent): void => {
    counts.set(event.kind, (counts.get(event.kind) ?? 0) + 1);
    onEvent(event);
  };
  const protocol = start(tell);
  const cuts = new Set<() => void>();
  const places = new Places(maxConnections);
  let accepted = 0;
  const server = createServer({ noDelay: true, ...protocol.socketOptions }, (socket) => {
    const peer = peerName(socket.remoteAddress, socket.remotePort);
    const isAllowed =
      listener.kind === "unix" || (options.allowPeer?.(plainAddress(socket.remoteAddress)) ?? true);
    if (!isAllowed) {
      tell({ kind: "refused-connection", peer });
      socket.destroy();
      return;
    }
    const putOut = (event: ListenerEvent): void => {
      tell(event);
      cut();
    };
    const place = places.take(() => putOut({ kind: "displaced", peer }));
    if (place === undefined) {
      tell({ kind: "over-limit", peer, limit: maxConnections });
      socket.destroy();
      return;
    }
    const hold = account.open((heldBytes) => putOut({ kind: "evicted", peer, heldBytes }));
    const cut = protocol.serve(socket, peer, { place, hold });
    cuts.add(cut);
    accepted += 1;
    // Behind what the protocol itself does then.
    socket.once("close", () => {
      place.leave();
      hold.close();
      cuts.delete(cut);
    });
  });
  const bound = await listenOn(server, listener);
  server.on("error", (error) => tell({ kind: "listener-error", error }));
  const closed = new Promise<void>((resolve) => server.once("close", resolve));

  const drain = async (deadlineMs: number): Promise<void> => {
    await bound.release();
    if (server.listening) server.close();
    const cutAll = (): void => {
      for (const cut of cuts) cut();
    };
    const cancel = deadlineMs > 0 ? clock.after(deadlineMs, cutAll) : void cutAll();
    await closed;
    cancel?.();
  };
  return {
    address: bound.address,
    port: bound.port,
    get open() {
      return cuts.size;
    },
    get accepted() {
      return accepted;
    },
    count: (kind) => counts.get(kind) ?? 0,
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}
