import type { Command } from "../wire/command.ts";
import { hasBit, type Negotiation, PROTOCOL } from "../wire/negotiate.ts";

/** The largest body chunk of Postfix and sendmail, in bytes. */
const MAX_CHUNK_BYTES = 65_535;

/** The bits by which a filter asks not to be sent a command (SMFIP_NO*). */
const SPARED: Readonly<Partial<Record<Command["kind"], number>>> = {
  connect: PROTOCOL.noConnect,
  helo: PROTOCOL.noHelo,
  mail: PROTOCOL.noMail,
  rcpt: PROTOCOL.noRcpt,
  data: PROTOCOL.noData,
  header: PROTOCOL.noHeaders,
  "end-of-headers": PROTOCOL.noEndOfHeaders,
  body: PROTOCOL.noBody,
  unknown: PROTOCOL.noUnknown,
};

/** The version of the protocol that brought a command. */
const SINCE: Readonly<Partial<Record<Command["kind"], number>>> = { data: 4, unknown: 3 };

/** Whether a filter that agreed to this is sent the command at all. */
export function mayBeSent(command: Command["kind"], negotiation: Negotiation): boolean {
  const bit = SPARED[command];
  if (bit !== undefined && hasBit(negotiation.protocol, bit)) return false;
  return negotiation.version >= (SINCE[command] ?? 0);
}

/** Cuts a body as the MTAs do: anywhere. */
export function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += MAX_CHUNK_BYTES)
    yield bytes.subarray(at, at + MAX_CHUNK_BYTES);
}
