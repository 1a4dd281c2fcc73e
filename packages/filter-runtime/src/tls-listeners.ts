import type { Client } from "@postern/smtp-filter";
import type { TlsListeners } from "./settings.ts";

/** A mail server has a handful of listeners; more than this many names are not kept. */
const MAX_LISTENERS = 100;

/** Remembers, as long as the process lives, where a client has encrypted. */
export function rememberTlsListeners(): TlsListeners {
  const seen = new Set<string>();
  return {
    note(client) {
      if (seen.size < MAX_LISTENERS) seen.add(nameOf(client));
    },
    offers: (client) => seen.has(nameOf(client)),
  };
}

function nameOf({ mta, daemonName, localPort }: Client): string {
  return `${mta.name} ${daemonName} ${localPort}`;
}
