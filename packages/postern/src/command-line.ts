import type { Readable, Writable } from "node:stream";
import { Command, CommanderError } from "commander";
import { check } from "./commands/check.ts";
import { NoStoreError } from "./commands/command-store.ts";
import { learn } from "./commands/learn.ts";
import { ping } from "./commands/ping.ts";
import { reputation } from "./commands/reputation.ts";
import { serve } from "./commands/serve.ts";
import { type TryOptions, tryOne } from "./commands/try.ts";
import { tryLines } from "./commands/try-lines.ts";
import { ConfigError } from "./config/config-error.ts";
import type { Config } from "./config/config-types.ts";
import { loadConfig } from "./config/load.ts";
import { EXIT, UsageError } from "./exit-code.ts";

/** Where a command runs. */
export interface Surface {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly cwd: string;
  readonly hostname: string;
  /** Where state is kept by default; null: in memory. */
  readonly stateFolder: string | null;
}

interface CheckOptions {
  readonly config?: string;
  /** false: `--no-dns`. */
  readonly dns: boolean;
}

/** Runs one command line, without `node` and the program's name; gives its exit code. */
export async function runCommand(argv: readonly string[], surface: Surface): Promise<number> {
  const { stderr } = surface;
  let exitCode: number = EXIT.ok;
  const program = describeCommands(surface, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof ConfigError) {
      stderr.write(`${error.message}\n`);
      return EXIT.config;
    }
    if (error instanceof NoStoreError) {
      stderr.write(`postern: ${error.message}\n`);
      return EXIT.unavailable;
    }
    if (error instanceof UsageError) {
      stderr.write(`postern: ${error.message}\n`);
      return EXIT.usage;
    }
    throw error;
  }
}

function describeCommands(surface: Surface, exit: (code: number) => void): Command {
  const { stdin, stdout, stderr, cwd, hostname, stateFolder } = surface;
  const load = (file: string | undefined): Config =>
    loadConfig({ file, cwd, hostname, stateFolder });
  const program = new Command("postern")
    .description("Decides who may hand mail to your server.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
    });
  const configOption = [
    "--config <file>",
    "default ./postern.yaml, then /etc/postern/postern.yaml",
  ] as const;

  program
    .command("serve")
    .description("run the filter for Postfix and Sendmail")
    .option(...configOption)
    .action(async ({ config: file }: { config?: string }) => {
      const write = (line: string): void => void stderr.write(`${line}\n`);
      exit(await serve(load(file), { load: () => load(file), write }));
    });

  program
    .command("opensmtpd")
    .description('the filter that smtpd starts: filter postern proc-exec "... opensmtpd"')
    .option(...configOption)
    .action(() => {
      // main.ts has not come here: it hands this command over before anything else is loaded.
      throw new UsageError("opensmtpd must be the first argument");
    });

  program
    .command("check")
    .description("validate the configuration and its policy, run the policy's examples")
    .argument("[file]")
    .option(...configOption)
    .option("--no-dns", "do not ask the zones of lists and scores whether they answer")
    .action(async (argument: string | undefined, options: CheckOptions) => {
      const surroundings = { hostname, ...(options.dns ? {} : { openDns: null }) };
      const { text, isGood } = await check(load(argument ?? options.config), surroundings);
      stdout.write(text);
      exit(isGood ? EXIT.ok : EXIT.config);
    });

  program
    .command("try")
    .description("judge one conversation, or one a line with --jsonl, and say why")
    .option(...configOption)
    .option("--jsonl", "conversations on stdin, results on stdout, one a line")
    .option("--dns <file>", "a JSON file that stands for the whole DNS")
    .option("--ip <address>", "the client's address")
    .option("--helo <name>")
    .option("--from <address>", "the reverse path; empty for a bounce")
    .option("--rcpt <address>", "may be given several times", collect)
    .option("--auth <user>", "the client has logged in")
    .option("--tls", "the session is encrypted")
    .option("--json", "the result as JSON")
    .argument("[message]", "a file, or - for stdin")
    .action(
      async (
        message: string | undefined,
        options: TryOptions & { readonly config?: string; readonly jsonl?: boolean },
      ) => {
        const config = load(options.config);
        if (options.jsonl === true) await tryLines(config, stdin, stdout);
        else stdout.write(await tryOne(config, options, message, stdin));
      },
    );

  program
    .command("ping")
    .description("speak to any milter as a mail server would")
    .argument("<socket>", "unix:/path, inet:host:port or inet:port@host")
    .action(async (socket: string) => {
      const { text, isAlive } = await ping(socket);
      stdout.write(text);
      exit(isAlive ? EXIT.ok : EXIT.unavailable);
    });

  program
    .command("learn")
    .description("what a user says of a message that was let in, on stdin")
    .argument("<mark>", "spam or ham")
    .option(...configOption)
    .action(async (mark: string, options: { readonly config?: string }) => {
      if (mark !== "spam" && mark !== "ham")
        throw new UsageError(`Cannot learn ${mark}: write spam or ham`);
      const { text, outcome } = await learn(mark, load(options.config), stdin);
      (outcome === "learned" ? stdout : stderr).write(text);
      exit(outcome === "learned" ? EXIT.ok : EXIT.data);
    });

  program
    .command("reputation")
    .description("what was learned of a sender, and why")
    .argument("<action>", "show ID, list [PREFIX], forget ID or set ID SCORE")
    .argument("[words...]", "ID: domain:example.com, address:192.0.2.1 and the like")
    .option(...configOption)
    .action(async (action: string, words: readonly string[], options: { config?: string }) => {
      stdout.write(await reputation(action, words, load(options.config)));
    });

  // Subcommands do not inherit this by themselves.
  for (const command of program.commands)
    command.exitOverride().configureOutput(program.configureOutput());
  return program;
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
