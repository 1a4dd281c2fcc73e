import { parseArgs } from "node:util";
import { didYouMean } from "../config/nearest.ts";

/** What smtpd.conf asks of the filter. */
export type FilterOptions =
  | { readonly kind: "good"; readonly file: string | undefined }
  /** What is wrong with it, in one line. */
  | { readonly kind: "mistake"; readonly text: string };

/** @param argv what smtpd starts, without the program: `opensmtpd --config FILE`. */
export function readFilterOptions(argv: readonly string[]): FilterOptions {
  const [command, ...args] = argv;
  if (command !== undefined && command !== "opensmtpd" && !command.startsWith("-"))
    return mistake(`unknown command: ${command} (did you mean opensmtpd?)`);
  if (command !== "opensmtpd") return mistake("opensmtpd must be the first argument");
  const { values, positionals, tokens } = parseArgs({
    args,
    options: { config: { type: "string" } },
    strict: false,
    tokens: true,
  });
  for (const token of tokens)
    if (token.kind === "option" && token.name !== "config")
      return mistake(`unknown option: ${token.rawName}${didYouMean(token.rawName, ["--config"])}`);
  if (positionals.length > 0) return mistake(`unexpected argument: ${positionals[0]}`);
  const { config } = values;
  if (config !== undefined && (typeof config !== "string" || config === ""))
    return mistake("missing value: --config takes a file");
  return { kind: "good", file: config };
}

function mistake(text: string): FilterOptions {
  return { kind: "mistake", text };
}
