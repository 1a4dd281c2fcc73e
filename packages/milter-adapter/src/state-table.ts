import type { Command } from "./wire/command.ts";

/** Where a session stands, as far as it matters for what may come next. */
export type Place =
  /** Nothing is negotiated. */
  | "new"
  /** No client is connected, or the last one is gone. */
  | "negotiated"
  /** The filter could not open the connection. */
  | "unopened"
  /** No transaction. */
  | "connected"
  /** MAIL was refused, or the filter wants nothing of the message. */
  | "refused"
  | "recipients"
  | "data"
  | "headers"
  | "body";

/**
 * What is done with a command. `take`: it is handled. `out-of-order`: reported, and answered with `continue`, where
 * libmilter leaves the MTA waiting. `pass`: answered with `continue`. `fail`: with the configured answer. `close`: the
 * peer breaks the protocol.
 */
export type Reaction = "take" | "out-of-order" | "pass" | "fail" | "close";

const REACTIONS: Readonly<Record<string, Reaction>> = {
  T: "take",
  o: "out-of-order",
  p: "pass",
  f: "fail",
  X: "close",
};

/** By the letters of mfdef.h: O negotiate, D macros, C connect, H helo, ... */
const COLUMNS: readonly Command["kind"][] = [
  "negotiate",
  "macros",
  "connect",
  "helo",
  "mail",
  "rcpt",
  "data",
  "header",
  "end-of-headers",
  "body",
  "end-of-message",
  "unknown",
  "abort",
  "quit",
  "quit-new-connection",
];

/*
 * A second CONNECT is a new SMTP session, a MAIL or HELO in the middle of a message ends that one. An end of message
 * without a recipient, which no MTA sends, is taken, and found to be out of order there.
 */
const ROWS: Readonly<Record<Place, string>> = {
  //           O D C H M R T L N B E U A Q K
  new: "       T X X X X X X X X X X X X X X",
  negotiated: "X T T o o o o o o o o p T T T",
  unopened: "  X T T f f f f f f f f p T T T",
  connected: " X T T T T o o o o o o T T T T",
  refused: "   X T T T T p p p p p T T T T T",
  recipients: "X T T T T T T T T T T T T T T",
  data: "      X T T T T o o T T T T T T T T",
  headers: "   X T T T T o o T T T T T T T T",
  body: "      X T T T T o o o o T T T T T T",
};

const TABLE: ReadonlyMap<Place, ReadonlyMap<Command["kind"], Reaction>> = new Map(
  (Object.entries(ROWS) as [Place, string][]).map(([place, row]) => {
    const letters = row.trim().split(" ");
    return [
      place,
      new Map(COLUMNS.map((kind, at) => [kind, REACTIONS[letters[at] ?? "X"] ?? "close"])),
    ];
  }),
);

/** What is done with a command where the session stands. */
export function reactionTo(place: Place, command: Command["kind"]): Reaction {
  return TABLE.get(place)?.get(command) ?? "close";
}
