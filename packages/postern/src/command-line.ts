import type { Readable, Writable } from "node:stream";
import { Command, CommanderError } from "commander";
import { describeMistake } from "./command-mistakes.ts";
import { addCommands } from "./command-tree.ts";
import { NoStoreError } from "./commands/command-store.ts";
import { ConfigError } from "./config/config-error.ts";
import type { LocalFile } from "./config/local-file.ts";
import { EXIT, EXIT_MEANINGS, UsageError } from "./exit-code.ts";
import { versionLine } from "./version.ts";
import { inOneLine } from "./wire-up.ts";

/** Where a command runs. */
export interface Surface {
  readonly stdin: Readable;
  /** Results, and nothing else. */
  readonly stdout: Writable;
  /** What went wrong, and what the daemon says. */
  readonly stderr: Writable;
  readonly cwd: string;
  /** Where the configuration of this machine stands; null: nowhere. */
  readonly systemFile: string | null;
  /** Whether ./postern.yaml is read unasked. Default `read`. */
  readonly localFile?: LocalFile;
  readonly hostname: string;
  /** Where state is kept by default; null: in memory. */
  readonly stateFolder: string | null;
}

/** Runs one command line, without `node` and the program's name; gives its exit code. Never rejects. */
export async function runCommand(argv: readonly string[], surface: Surface): Promise<number> {
  const { stderr } = surface;
  const complain = (text: string, code: number): number => {
    stderr.write(`${text}\n`);
    return code;
  };
  let exitCode: number = EXIT.ok;
  const program = describeProgram(surface, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (error.code === "commander.help") return EXIT.usage;
      return complain(`postern: ${describeMistake(error, program, argv)}`, EXIT.usage);
    }
    if (error instanceof ConfigError) return complain(error.message, EXIT.config);
    if (error instanceof NoStoreError)
      return complain(`postern: ${error.message}`, EXIT.unavailable);
    if (error instanceof UsageError) return complain(`postern: ${error.message}`, EXIT.usage);
    return complain(`postern: an internal error: ${inOneLine(error)}`, EXIT.software);
  }
}

/** Every command with its options, as the help shows them and docs/commands.md must. */
export function describeProgram(surface: Surface, exit: (code: number) => void): Command {
  const { stdout, stderr } = surface;
  const program = new Command("postern")
    .description("Decides who may hand mail to your server.")
    .version(versionLine(), "-V, --version", "print the version")
    .helpCommand(false)
    .addHelpText("after", exitCodesText)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // Told in one line by runCommand.
      outputError: () => {},
    });
  addCommands(program, surface, exit);
  // Subcommands do not inherit this by themselves.
  for (const command of program.commands)
    command.exitOverride().configureOutput(program.configureOutput());
  return program;
}

function exitCodesText(): string {
  const rows = Object.entries(EXIT_MEANINGS).map(
    ([name, meaning]) => `  ${String(EXIT[name as keyof typeof EXIT]).padEnd(3)} ${meaning}`,
  );
  return ["", "Exit codes:", ...rows].join("\n");
}
