import type { Standing } from "@postern/filter-core";
import { type Client, networkHas } from "@postern/smtp-filter";
import type { Settings } from "./settings.ts";

/** Whether a client is judged, as far as its connection tells: `undecided` until it authenticates, or says MAIL. */
export function standingAtConnect(
  { address, origin, localPort, daemonName }: Client,
  { trusted, submission }: Settings,
): Standing {
  if (origin === "local") return "local";
  if (address !== null && trusted.some((network) => networkHas(network, address))) return "trusted";
  const isSubmission =
    (localPort !== null && submission.ports.includes(localPort)) ||
    (daemonName !== null && submission.daemonNames.includes(daemonName));
  return isSubmission ? "undecided" : "outside";
}
