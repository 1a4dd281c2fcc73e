import type { Command, CommanderError } from "commander";
import { didYouMean } from "./config/nearest.ts";

/** What commander complains of, in one line: what is wrong, what was meant, where to read on. */
export function describeMistake(
  { code, message }: CommanderError,
  program: Command,
  argv: readonly string[],
): string {
  const command = program.commands.find((one) => one.name() === argv[0]) ?? program;
  const help = `see ${["postern help", ...(command === program ? [] : [command.name()])].join(" ")}`;
  const [, quoted = ""] = /'([^']*)'/.exec(message) ?? [];
  switch (code) {
    case "commander.unknownCommand":
      return describeUnknownCommand(quoted, program);
    case "commander.unknownOption":
      return `unknown option: ${quoted}${didYouMean(quoted, optionsOf(command))}; ${help}`;
    case "commander.missingArgument":
      return `missing argument: ${quoted}; ${help}`;
    case "commander.optionMissingArgument":
      return `missing value: ${quoted}; ${help}`;
    case "commander.excessArguments":
      return `too many arguments; ${help}`;
    default:
      return `${message.replace(/^error: /, "").replaceAll("\n", " ")}; ${help}`;
  }
}

export function describeUnknownCommand(word: string, program: Command): string {
  const hint = didYouMean(
    word,
    program.commands.map((command) => command.name()),
  );
  return `unknown command: ${word}${hint === "" ? "; postern help lists all" : hint}`;
}

function optionsOf(command: Command): readonly string[] {
  return [...command.options.flatMap(({ long }) => long ?? []), "--help"];
}
