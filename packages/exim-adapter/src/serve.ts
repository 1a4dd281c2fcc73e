import {
  type ConnectionServer,
  type ListenOptions,
  serveConnections,
} from "@postern/smtp-filter/serve";
import type { ServerEvent } from "./events.ts";
import { type AnswerOptions, settingsOf } from "./options.ts";
import { Exchange } from "./serve/exchange.ts";
import { type SessionCounters, Translator } from "./translate.ts";

export interface ServeEximOptions
  extends ListenOptions<ServerEvent>,
    Omit<AnswerOptions, "onEvent" | "clock"> {}

/** A filter that listens. */
export interface EximServer extends ConnectionServer<ServerEvent["kind"]> {
  /** The SMTP sessions behind the connections. */
  sessions(): SessionCounters;
}

/** What is read ahead of a connection while its answer is sought. */
const SOCKET_BYTES = 16_384;

/**
 * Listens for Exim and notqmail, and answers each request; PROTOCOL.md has what they may be. One that can be read proves
 * that a peer speaks the protocol.
 *
 * @throws {Error} if it cannot listen there: the path is not a socket or is in use, the port is taken, no such group.
 */
export async function serveExim(options: ServeEximOptions): Promise<EximServer> {
  const sessions = Promise.withResolvers<Translator>();
  const server = await serveConnections<ServerEvent>(options, (tell) => {
    const settings = settingsOf({ ...options, onEvent: tell });
    const translator = new Translator(settings);
    sessions.resolve(translator);
    return {
      // Exim closes its half when it has written a line or SpamAssassin's request.
      socketOptions: { allowHalfOpen: true, highWaterMark: SOCKET_BYTES },
      serve(socket, peer, share) {
        const exchange = new Exchange(socket, settings, translator, peer, share);
        return () => exchange.cut();
      },
    };
  });
  const translator = await sessions.promise;
  const drain = async (deadlineMs: number): Promise<void> => {
    await server.drain(deadlineMs);
    translator.close();
  };
  return {
    address: server.address,
    port: server.port,
    get open() {
      return server.open;
    },
    get accepted() {
      return server.accepted;
    },
    count: (kind) => server.count(kind),
    sessions: () => translator.counters(),
    drain,
    [Symbol.asyncDispose]: () => drain(0),
  };
}
