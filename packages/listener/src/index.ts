/**
 * Where a filter listens for its mail server: unix sockets that are never open to others, TCP ports, the names of
 * those who connect, and what they may take of places and memory. It knows no protocol and decides nothing.
 *
 * @packageDocumentation
 */

export { ByteAccount, type Hold } from "./byte-account.ts";
export { formatListenAddress, type ListenAddress, parseListenAddress } from "./listen-address.ts";
export { type Bound, type Listener, listenOn } from "./listen-on.ts";
export { peerName, plainAddress } from "./peer.ts";
export { type Place, Places } from "./places.ts";
export type { UnixListener } from "./unix-socket.ts";
