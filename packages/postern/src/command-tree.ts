import type { Writable } from "node:stream";
import type { Command } from "commander";
import type { Surface } from "./command-line.ts";
import { describeUnknownCommand } from "./command-mistakes.ts";
import { check } from "./commands/check.ts";
import { type Inputs, openInputs } from "./commands/inputs.ts";
import { learn } from "./commands/learn.ts";
import { ping } from "./commands/ping.ts";
import { reputation } from "./commands/reputation.ts";
import { serve } from "./commands/serve.ts";
import { type TryOptions, tryOne } from "./commands/try.ts";
import { tryLines } from "./commands/try-lines.ts";
import type { Config } from "./config/config-types.ts";
import { jsonSchemaOf, type SchemaName } from "./config/json-schema.ts";
import { loadConfig } from "./config/load.ts";
import { whyLeft } from "./config/local-file.ts";
import { EXIT, UsageError } from "./exit-code.ts";
import { parseUser } from "./learn/wire.ts";
import { versionLine } from "./version.ts";

interface ConfigOption {
  readonly config?: string;
}

interface JsonOption {
  readonly json?: boolean;
}

interface LearnOptions extends ConfigOption {
  readonly user?: string;
}

interface CheckOptions extends JsonOption {
  /** false: `--no-dns`. */
  readonly dns: boolean;
  readonly all?: boolean;
  /** true: `--schema` without a word. */
  readonly schema?: string | true;
}

const CONFIG_OPTION = [
  "--config <file>",
  "default ./postern.yaml, then /etc/postern/postern.yaml; - is stdin",
] as const;

/** A daemon without a configuration file only observes. */
const OBSERVE_FIRST = { modeWithoutFile: "observe" } as const;

/** Adds every command. */
export function addCommands(
  program: Command,
  surface: Surface,
  exit: (code: number) => void,
): void {
  const { stdin, stdout, stderr, cwd } = surface;
  const inputs = openInputs(stdin, cwd);
  const load = async (file: string | undefined): Promise<Config> =>
    (await openConfig(file, surface, inputs))();

  program
    .command("serve")
    .description(
      "run the daemon: a milter for Postfix and Sendmail, a socket for Exim and notqmail; listens on the sockets in `listen` only",
    )
    .option(...CONFIG_OPTION)
    .action(async ({ config: file }: ConfigOption) => {
      const write = (line: string): void => void stderr.write(`${line}\n`);
      const read = await openConfig(file, surface, inputs, OBSERVE_FIRST);
      exit(await serve(await read(), { load: read, write }));
    });

  program
    .command("opensmtpd")
    .description('the filter that smtpd starts: filter postern proc-exec "... opensmtpd"')
    .option(...CONFIG_OPTION)
    .action(() => {
      // main.ts has not come here: it hands this command over before anything else is loaded.
      throw new UsageError("opensmtpd must be the first argument");
    });

  program
    .command("check")
    .description("validate the configuration and its policy, run the policy's examples")
    .argument("[file]", "the configuration; - is stdin")
    .option(...CONFIG_OPTION)
    .option("--no-dns", "do not query the resolver, nor the zones of lists and scores")
    .option("--all", "the whole policy, every hint, every example that fails")
    .option("--json", "the result as JSON")
    .option("--schema [file]", "print the JSON Schema of postern.yaml, or of a policy file: policy")
    .action(async (argument: string | undefined, options: ConfigOption & CheckOptions) => {
      if (options.schema !== undefined) {
        writeJson(stdout, jsonSchemaOf(parseSchemaName(options.schema)));
        return;
      }
      const { hostname } = surface;
      const surroundings = { hostname, ...(options.dns ? {} : { openDns: null }) };
      const read = await openConfig(argument ?? options.config, surface, inputs, OBSERVE_FIRST);
      const config = await read();
      const { text, all, json, isGood } = await check(config, surroundings);
      if (options.json === true) writeJson(stdout, json);
      else stdout.write(options.all === true ? all : text);
      exit(isGood ? EXIT.ok : EXIT.config);
    });

  program
    .command("try")
    .description("judge one SMTP session, or one per line with --jsonl, and explain the verdict")
    .option(...CONFIG_OPTION)
    .option("--jsonl", "sessions on stdin, results on stdout, one per line")
    .option("--dns <file>", "a JSON file used instead of DNS; - is stdin")
    .option("--ip <address>", "the client's address")
    .option("--helo <name>", "the name in HELO")
    .option("--from <address>", "the reverse path; empty for a bounce")
    .option("--rcpt <address>", "a recipient; may be given several times", collect)
    .option("--auth <user>", "the client has authenticated as this user")
    .option("--tls", "the session is encrypted")
    .option("--fresh", "leave out what was learned; --jsonl always does")
    .option("--json", "the result as JSON")
    .argument("[message]", "a file; - is stdin")
    .action(
      async (
        message: string | undefined,
        options: TryOptions & ConfigOption & { readonly jsonl?: boolean },
      ) => {
        const config = await load(options.config);
        if (options.jsonl !== true) {
          stdout.write(await tryOne(config, options, message, inputs));
          return;
        }
        const { badLines } = await tryLines(config, inputs.take("--jsonl"), stdout);
        exit(badLines === 0 ? EXIT.ok : EXIT.data);
      },
    );

  program
    .command("ping")
    .description("test any milter with a short session, without sending mail")
    .argument("<socket>", "unix:/path, inet:host:port or inet:port@host")
    .option("--json", "the result as JSON")
    .action(async (socket: string, options: JsonOption) => {
      const { text, json, error } = await ping(socket);
      if (options.json === true) writeJson(stdout, json);
      else {
        stdout.write(text);
        if (error !== null) stderr.write(`postern: no answer from ${socket}: ${error}\n`);
      }
      exit(error === null ? EXIT.ok : EXIT.unavailable);
    });

  program
    .command("learn")
    .description("mark an accepted message as spam or ham")
    .argument("<mark>", "spam or ham")
    .argument("[message]", "a file; default stdin, as is -")
    .option(...CONFIG_OPTION)
    .option("--user <name>", "whose mark it is: each user's counts once a message")
    .action(async (mark: string, message: string | undefined, options: LearnOptions) => {
      if (mark !== "spam" && mark !== "ham")
        throw new UsageError(`Cannot learn ${mark}: write spam or ham`);
      const user = options.user === undefined ? null : parseUser(options.user);
      if (user === undefined)
        throw new UsageError(
          "Cannot read --user: write a name of 1 to 256 bytes without control characters",
        );
      const config = await load(options.config);
      const input = await openMessage(message ?? "-", inputs);
      const { text, outcome } = await learn({ mark, user }, config, input);
      (outcome === "learned" ? stdout : stderr).write(text);
      exit(outcome === "learned" ? EXIT.ok : EXIT.data);
    });

  program
    .command("reputation")
    .description("show and change the learned reputation of a sender")
    .argument("<action>", "show ID, list [PREFIX], forget ID or set ID SCORE")
    .argument("[words...]", "ID: domain:example.com, address:192.0.2.1 and the like")
    .option(...CONFIG_OPTION)
    .option("--json", "the result as JSON")
    .action(
      async (action: string, words: readonly string[], options: ConfigOption & JsonOption) => {
        const { text, json } = await reputation(action, words, await load(options.config));
        if (options.json === true) writeJson(stdout, json);
        else stdout.write(text);
      },
    );

  program
    .command("version")
    .description("print the version")
    .action(() => void stdout.write(`${versionLine()}\n`));

  program
    .command("help")
    .description("print this, or the options of one command")
    .argument("[command]")
    .action((name: string | undefined) => {
      const command = program.commands.find((one) => one.name() === name);
      if (name !== undefined && command === undefined)
        throw new UsageError(describeUnknownCommand(name, program));
      (command ?? program).outputHelp();
    });
}

/** What reads the configuration, again and again: one from stdin is kept. */
async function openConfig(
  file: string | undefined,
  { cwd, systemFile, localFile, hostname, stateFolder, stderr }: Surface,
  inputs: Inputs,
  more: typeof OBSERVE_FIRST | object = {},
): Promise<() => Promise<Config>> {
  const stdin = file === "-" ? await inputs.read("-", "the configuration") : undefined;
  const left = localFile === "leave" && file === undefined ? whyLeft(cwd, systemFile) : null;
  if (left !== null) stderr.write(`postern: ${left}\n`);
  let found = file;
  return async () => {
    const config = await loadConfig({
      file: found,
      stdin,
      cwd,
      systemFile,
      localFile,
      hostname,
      stateFolder,
      ...more,
    });
    // The file found first is the one read again, whatever else the search would find by then.
    if (stdin === undefined) found = config.file ?? found;
    return config;
  };
}

function parseSchemaName(word: string | true): SchemaName {
  if (word === true || word === "config") return "config";
  if (word === "policy") return "policy";
  throw new UsageError(`Cannot print the schema of ${word}: write --schema, or --schema policy`);
}

function writeJson(stdout: Writable, json: object): void {
  stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

async function openMessage(file: string, inputs: Inputs): Promise<AsyncIterable<Uint8Array>> {
  if (file === "-") return inputs.take("the message");
  const bytes = await inputs.read(file, "the message");
  return (async function* () {
    yield bytes;
  })();
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
