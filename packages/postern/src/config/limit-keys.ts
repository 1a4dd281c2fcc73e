import { WORK_LIMITS } from "@postern/filter-runtime";
import { group, key, optional, refined } from "./key.ts";
import { wholeNumber } from "./values.ts";

/** `limits` of postern.yaml. */
export const limitKeys = refined(
  group(
    {
      connections: key(wholeNumber(1, 10_000), {
        meaning:
          "Maximum number of open connections on each socket for mail servers. At most half of them may be connections that have said nothing yet: past that, the longest silent is closed for the next. Where every place is taken, new connections are closed.",
        written: 2000,
        reload: "restart",
      }),
      pendingMiB: optional(wholeNumber(16, 65_536), {
        meaning:
          "How much mail that is not judged yet all connections together may hold in memory, in MiB: unfinished packets and requests, envelopes, headers. Past it, the connection that holds the most is closed. Bodies are not kept, so 128 KiB per connection are ample.",
        otherwise:
          "128 KiB for each of `connections`, but at least 64 MiB and at most 1024; with 2000 connections, 250",
        reload: "restart",
      }),
      stateDeadlineMs: key(wholeNumber(5, 2000), {
        meaning:
          "How long to wait for learned reputation, in milliseconds; after that, mail is judged without it.",
        written: 50,
      }),
      messageDeadlineMs: key(wholeNumber(1000, 300_000), {
        meaning: "Deadline for the verdict at the end of a message, in milliseconds.",
        written: 60_000,
      }),
      sessionCpuMs: key(wholeNumber(1, 60_000), {
        meaning:
          "How much work one SMTP session from outside may cause in a minute, in milliseconds of one core, estimated from what it makes Postern do; past it the reply is 421 with `rule=fault.budget` ([operate.md](operate.md#sessions-that-cost-too-much)).",
        written: WORK_LIMITS.sessionMs,
      }),
      networkCpuMs: key(wholeNumber(1, 60_000), {
        meaning:
          "The same for all sessions of a client network (an IPv4 /24, an IPv6 /48) together; at least `sessionCpuMs`.",
        written: WORK_LIMITS.networkMs,
      }),
    },
    { meaning: "Limits of the daemon.", reload: "live" },
  ),
  ({ pendingMiB, ...limits }) => ({
    ...limits,
    pendingMiB: pendingMiB ?? pendingMiBFor(limits.connections),
  }),
);

/** For each of them a body chunk (64 KiB) and a header; no more than half of what the unit lets the daemon have. */
function pendingMiBFor(connections: number): number {
  return Math.min(1024, Math.max(64, Math.ceil(connections / 8)));
}
