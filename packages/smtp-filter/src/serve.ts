/**
 * Where a filter listens for its mail server: unix sockets that are never open to others, TCP ports, the names of
 * those who connect, and what they may take of places and memory. It knows no protocol and decides nothing.
 *
 * @packageDocumentation
 */

export { ByteAccount, type Hold } from "./serve/byte-account.ts";
export {
  formatListenAddress,
  type ListenAddress,
  parseListenAddress,
} from "./serve/listen-address.ts";
export { type Bound, type Listener, listenOn } from "./serve/listen-on.ts";
export { peerName, plainAddress } from "./serve/peer.ts";
export { type Place, Places } from "./serve/places.ts";
export {
  type ConnectionServer,
  type ListenerEvent,
  type ListenOptions,
  type ServedProtocol,
  type Share,
  serveConnections,
} from "./serve/serve-connections.ts";
export type { UnixListener } from "./serve/unix-socket.ts";
