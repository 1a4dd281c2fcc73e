import { Readable, Writable } from "node:stream";
import { runCommand, type Surface } from "../command-line.ts";

/** What a command line did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line as main.ts does, in this process, with `input` on stdin. */
export async function runPostern(
  argv: readonly string[],
  input: string = "",
  given: Partial<Surface> = {},
): Promise<Ran> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCommand(argv, {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    cwd: "/",
    hostname: "mx.example.org",
    systemFile: null,
    stateFolder: null,
    ...given,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): Writable & { text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return Object.assign(stream, { text: () => Buffer.concat(chunks).toString("utf8") });
}
