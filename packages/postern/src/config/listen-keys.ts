import { group, optional, refined } from "./key.ts";
import { type Listener, listeners, toListener, toUnixListener, unixListeners } from "./listener.ts";
import type { Surroundings } from "./surroundings.ts";

/** Where a daemon listens that nobody told where. */
const FIRST_SOCKET: Listener = { kind: "inet", host: "127.0.0.1", port: 8891, allowRemote: [] };

/** `listen` of postern.yaml. */
export const listenKeys = refined(
  group(
    {
      milter: optional(listeners, {
        meaning:
          "Where Postfix and Sendmail connect: `inet:127.0.0.1:8891`, `unix:/run/postern/milter.sock`, a map with options, or a list of these.",
        otherwise: "`inet:127.0.0.1:8891` if `listen` names no socket at all, otherwise none",
      }),
      exim: optional(listeners, {
        meaning:
          "Where Exim and notqmail connect: `inet:127.0.0.1:8892`, `unix:/run/postern/exim.sock`, in the same forms as `listen.milter`.",
        otherwise: "none",
      }),
      learn: optional(unixListeners, {
        meaning:
          "Where `postern learn` hands over users' marks: `unix:/run/postern/learn.sock`, or an object with `mode` and `group`, which say who may teach.",
        otherwise: "nowhere; `learn` then writes the store itself",
      }),
    },
    {
      meaning: "The sockets that the daemon listens on: exactly those named here.",
      reload: "restart",
    },
  ),
  ({ milter, exim, learn }) => {
    const isSilent = milter === undefined && exim === undefined && learn === undefined;
    return ({ folder }: Surroundings) => ({
      milter: isSilent ? [FIRST_SOCKET] : (milter ?? []).map((one) => toListener(one, folder)),
      exim: (exim ?? []).map((one) => toListener(one, folder)),
      learn: (learn ?? []).map((one) => toUnixListener(one, folder)),
    });
  },
);
