import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MtaProcess, startMta } from "./mta-process.ts";

/** What stands between tcpserver and the queue; undefined: nothing. */
export type NotqmailEnvironment = Readonly<Record<string, string | undefined>>;

/** One notqmail of its own: tcpserver and the hooks are real, qmail-smtpd and qmail-queue are stand-ins. */
export interface NotqmailOptions {
  /** An empty directory: its settings and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** tcpserver listens on 127.0.0.1 at each of these. */
  readonly ports: readonly [number, ...number[]];
  /** The stand-in for qmail-queue hands mail on to 127.0.0.1 at this port. */
  readonly sinkPort: number;
  /** What the first connections find in their environment. */
  readonly environment?: NotqmailEnvironment;
}

/** A running tcpserver, and what it starts. Its pid is that of tcpserver's parent. */
export interface Notqmail extends MtaProcess {
  /** Every later connection has these instead of those before, as with envdir(8). */
  setEnvironment(environment: NotqmailEnvironment): Promise<void>;
}

const standIns = join(import.meta.dirname, "notqmail");
const examples = join(import.meta.dirname, "../../examples/notqmail");

/** The hooks, as an admin copies them. */
export const FRONT: string = join(examples, "postern-front");
export const QUEUE: string = join(examples, "postern-queue");
/** Our stand-in for qmail-queue. */
export const STANDIN_QUEUE: string = join(standIns, "qmail-queue");

/**
 * Starts tcpserver (ucspi-tcp 0.88 of Debian 12) with postern-front (another where STANDIN_FRONT says so, or none),
 * rblsmtpd where STANDIN_RBLSMTPD is set, and the
 * stand-in for qmail-smtpd, as user nobody; waits until it listens.
 * @throws {Error} with its log, if it does not listen within 20 s.
 */
export async function startNotqmail(options: NotqmailOptions): Promise<Notqmail> {
  const { instanceDir, ports, sinkPort } = options;
  const file = join(instanceDir, "settings");
  const setEnvironment = (environment: NotqmailEnvironment): Promise<void> =>
    writeFile(
      file,
      Object.entries({
        QMAILQUEUE: QUEUE,
        POSTERN_QMAILQUEUE: STANDIN_QUEUE,
        STANDIN_SINK: String(sinkPort),
        ...environment,
      })
        .filter(([, value]) => value !== undefined)
        .map(([name, value = ""]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
        .join(""),
    );
  await mkdir(instanceDir, { recursive: true });
  await setEnvironment(options.environment ?? {});
  const [first, ...others] = ports;
  const listen = (port: number): string =>
    `tcpserver -v -R -H -l mx.example.org -c 100 -u 65534 -g 65534 127.0.0.1 ${port} sh -c "$serve" 2>&1`;
  const process = await startMta({
    mta: "ucspi-tcp",
    instanceDir,
    files: {},
    command: [
      "sh",
      "-c",
      [
        `serve='. ${file}; exec \${STANDIN_FRONT-${FRONT}} \${STANDIN_RBLSMTPD:+rblsmtpd -r rbl.invalid} ${join(standIns, "qmail-smtpd")}'`,
        ...others.map((port) => `${listen(port)} &`),
        `exec ${listen(first)}`,
      ].join("\n"),
    ],
    ports,
    reachable: [standIns, examples, instanceDir],
  });
  return { ...process, setEnvironment };
}
