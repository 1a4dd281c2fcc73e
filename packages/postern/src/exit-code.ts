/** How a command ends: the codes of sysexits.h, which scripts look at. No command ends with another one. */
export const EXIT = {
  ok: 0,
  usage: 64,
  data: 65,
  unavailable: 69,
  software: 70,
  io: 74,
  config: 78,
} as const;

/** What each code means, as the help and docs/commands.md say it. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "done",
  usage: "the command line is wrong: an unknown command or option, a file that cannot be read",
  data: "the input is wrong: a bad line for try --jsonl, a message that learn refuses",
  unavailable: "something that is needed is not there: a socket, the store, an answer",
  software: "a bug in Postern; please report what it printed",
  io: "the output could not be written",
  config: "the configuration or its policy is wrong, or cannot be read",
};

/** A command line that cannot be meant: exit 64. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
