import type { AddressInfo, Server } from "node:net";
import { formatListenAddress } from "./listen-address.ts";
import { listenOnUnixSocket, removeSocket, type UnixListener } from "./unix-socket.ts";

/** Where to listen. inet port 0 is any free one. */
export type Listener =
  | UnixListener
  | { readonly kind: "inet"; readonly host: string; readonly port: number };

/** A server that listens. */
export interface Bound {
  /** As {@link parseListenAddress} reads it, with the real port. */
  readonly address: string;
  /** null for a unix socket. */
  readonly port: number | null;
  /** Takes the name of a unix socket away; whoever is connected stays. */
  release(): Promise<void>;
}

/**
 * Makes a server listen.
 *
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, or the group does not exist.
 */
export async function listenOn(server: Server, listener: Listener): Promise<Bound> {
  if (listener.kind === "unix") {
    const ino = await listenOnUnixSocket(server, listener);
    return {
      address: formatListenAddress(listener),
      port: null,
      release: () => removeSocket(listener.path, ino),
    };
  }
  await listenOnPort(server, listener.host, listener.port);
  const { port } = server.address() as AddressInfo;
  return { address: formatListenAddress({ ...listener, port }), port, release: async () => {} };
}

function listenOnPort(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) =>
    reject(new Error(`Cannot listen on ${host} port ${port}: ${error.message}`, { cause: error })),
  );
  server.listen({ host, port }, resolve);
  return promise.finally(() => server.removeAllListeners("error"));
}
