import { type Client, type IpAddress, networkHas, parseNetwork } from "@postern/smtp-filter";

/** So many of the last connections are looked at. */
const WINDOW = 200;
/** The minimum of connections before anything is concluded. */
const MIN_SEEN = 50;
/** More than this share from one address is no client, but what stands before us. */
const MOST = 0.5;
/** Below this share it is believed again. */
const FEW = 0.25;

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291: never the address of a mail server on the Internet. */
const PRIVATE = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
  "fc00::/7",
  "fe80::/10",
  "::1/128",
].flatMap((text) => parseNetwork(text) ?? []);

/** Detects whether client addresses are real, or those of a proxy. */
export interface AddressGuard {
  /**
   * Called once for each connection from outside.
   *
   * @returns false where this address hides who connects: a container's gateway, a NAT, a proxy without PROXY.
   */
  isTheirs(client: Client): boolean;
}

export interface AddressGuardOptions {
  /** Other addresses that no client has: this host's own. */
  readonly own?: readonly IpAddress[];
  readonly onAlarm: (alarm: AddressAlarm) => void;
}

/** `hidden`: most connections come from this one address. `seen`: they do not any more. */
export interface AddressAlarm {
  readonly kind: "hidden" | "seen";
  readonly address: IpAddress;
}

/** Looks for one private address that most connections come from, among the last 200. */
export function guardAddresses({ own = [], onAlarm }: AddressGuardOptions): AddressGuard {
  const last: (IpAddress | null)[] = [];
  const counts = new Map<IpAddress, number>();
  let hidden: IpAddress | null = null;
  let next = 0;

  const note = (address: IpAddress | null): void => {
    const gone = last[next] ?? null;
    if (gone !== null) {
      const left = (counts.get(gone) ?? 0) - 1;
      if (left > 0) counts.set(gone, left);
      else counts.delete(gone);
    }
    last[next] = address;
    next = (next + 1) % WINDOW;
    if (address !== null) counts.set(address, (counts.get(address) ?? 0) + 1);
  };

  return {
    isTheirs({ address }) {
      note(address);
      if (hidden !== null && (counts.get(hidden) ?? 0) < FEW * last.length) {
        onAlarm({ kind: "seen", address: hidden });
        hidden = null;
      }
      if (address === null) return true;
      const share = (counts.get(address) ?? 0) / last.length;
      const isMany = last.length >= MIN_SEEN && share > MOST;
      if (hidden === null && isMany && (isPrivate(address) || own.includes(address))) {
        hidden = address;
        onAlarm({ kind: "hidden", address });
      }
      return address !== hidden;
    },
  };
}

function isPrivate(address: IpAddress): boolean {
  return PRIVATE.some((network) => networkHas(network, address));
}
