/**
 * Where a filter listens for its mail server: unix sockets that are never open to others, TCP ports, and the names of
 * those who connect. It knows no protocol and decides nothing.
 *
 * @packageDocumentation
 */

export { formatListenAddress, type ListenAddress, parseListenAddress } from "./listen-address.ts";
export { type Bound, type Listener, listenOn } from "./listen-on.ts";
export { peerName, plainAddress } from "./peer.ts";
export type { UnixListener } from "./unix-socket.ts";
