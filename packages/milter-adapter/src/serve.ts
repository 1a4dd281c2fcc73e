import {
  type ConnectionServer,
  type ListenOptions,
  serveConnections,
} from "@postern/smtp-filter/serve";
import type { ServerEvent } from "./events.ts";
import type { SessionOptions } from "./options.ts";
import { Link } from "./serve/link.ts";
import { BufferPool } from "./wire/buffer-pool.ts";

export interface ServeOptions
  extends ListenOptions<ServerEvent>,
    Omit<SessionOptions, "onEvent" | "clock"> {}

/** A filter that listens. */
export type MilterServer = ConnectionServer<ServerEvent["kind"]>;

/**
 * Listens for MTAs and plays a {@link Session} with each. A CONNECT proves that a peer speaks the protocol.
 *
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, no such group.
 */
export function serveMilter(options: ServeOptions): Promise<MilterServer> {
  return serveConnections<ServerEvent>(options, (tell) => {
    const served = { ...options, onEvent: tell };
    const pool = new BufferPool();
    return {
      socketOptions: {},
      serve(socket, peer, share) {
        const link = new Link(socket, served, pool, peer, share);
        return () => link.cut("aborted");
      },
    };
  });
}
