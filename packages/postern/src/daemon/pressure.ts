import type { Clock } from "@postern/smtp-filter";
import { ByteAccount } from "@postern/smtp-filter/serve";
import type { Config } from "../config/config-types.ts";
import { sparingly } from "../sparingly.ts";
import type { Announce } from "../wire-up.ts";

/** What fronts may hold of what is not judged yet: parts of one bound, so that none of them lives at another's expense. */
export interface MemoryParts {
  /** Of the connections of mail servers. */
  readonly connections: ByteAccount;
  /** Of the SMTP sessions that are remembered for Exim and notqmail between their requests. */
  readonly sessions: ByteAccount;
  /** Of each socket for marks. */
  readonly marksBytes: number;
}

/** No more is needed for marks, however much there is. */
const MAX_MARKS_BYTES = 16 << 20;

/** An eighth each for remembered sessions and for marks, where there are any; the rest is for connections. */
export function shareMemory({ listen, limits }: Config): MemoryParts {
  const all = limits.pendingMiB * 2 ** 20;
  const sessions = listen.exim.length > 0 ? all / 8 : 0;
  const marks = listen.learn.length > 0 ? Math.min(MAX_MARKS_BYTES, all / 8) : 0;
  return {
    connections: new ByteAccount(all - sessions - marks),
    sessions: new ByteAccount(sessions),
    marksBytes: Math.floor(marks / Math.max(1, listen.learn.length)),
  };
}

/** Says what listeners do where there is no room for all, each thing at most once a minute; of other events, nothing. */
export function announcePressure(
  { limits }: Pick<Config, "limits">,
  announce: Announce,
  clock: Pick<Clock, "nowMs">,
): (event: { readonly kind: string }) => void {
  const { connections, pendingMiB } = limits;
  const say = new Map(
    Object.entries({
      "over-limit": (times: number) =>
        `new connections closed: ${times}; ${connections} are open on a socket, the maximum (limits.connections)`,
      displaced: (times: number) =>
        `silent connections closed: ${times}; those that have said nothing yet get half of the ${connections} places of a socket (limits.connections)`,
      evicted: (times: number) =>
        `greedy connections closed: ${times}; together all held more than ${pendingMiB} MiB of what is not judged yet (limits.pendingMiB), these the most`,
    }).map(([kind, text]) => [kind, sparingly((times) => announce(text(times)), clock)]),
  );
  return ({ kind }) => say.get(kind)?.();
}
