import { dirname, join } from "node:path";
import { type MtaProcess, startMta } from "./mta-process.ts";
import { type NameSource, nameFiles } from "./name-files.ts";

/** One OpenSMTPD of its own. */
export interface OpensmtpdOptions {
  /** An empty directory: its configuration, queue and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** It listens on 127.0.0.1 at this port, and on ::1 when `ipv6`. */
  readonly port: number;
  /** Mail for example.org, .net and .com goes to 127.0.0.1 at this port. */
  readonly sinkPort: number;
  /**
   * The filter named "postern": one simple command of sh, run as `filterUser` in / with PATH, HOME and
   * LANG alone. What it prints on stderr is in the log, each line as `postern: ...`. Default: no filter.
   */
  readonly filterCommand?: string;
  /** A user of this machine. Default: opensmtpd. Either can read this checkout, wherever it is. */
  readonly filterUser?: string;
  /** Whether a client must begin with a PROXY v2 header; see `proxyV2Header`. Default: false. */
  readonly listenProxyV2?: boolean;
  /** Default: IPv4 only. */
  readonly ipv6?: boolean;
  readonly dns: NameSource;
  /** Lines of its /etc/hosts beside localhost, such as `192.0.2.1 mail.example.com`. */
  readonly hosts?: readonly string[];
  /** Lines of smtpd.conf after the filter, which they may name, and before the listener. */
  readonly extraConfig?: readonly string[];
}

/** A running OpenSMTPD. Its pid is that of smtpd's parent process; it logs at once. */
export type Opensmtpd = MtaProcess;

/**
 * OpenSMTPD looks at a known relay for new mail once in a second or in ten, at a new one at once: each
 * message goes to the sink by another of these names. After so many, deliveries become slow.
 */
const sinkNames = Array.from({ length: 500 }, (_, at) => `sink${at}`);

/**
 * Starts OpenSMTPD (6.8.0p2 on Debian 12) and waits until it listens. It greets nobody before its
 * filter is ready. When the filter ends, it ends too: see `ended`.
 * @throws {Error} with its log, if it does not listen within 20 s.
 */
export function startOpensmtpd(options: OpensmtpdOptions): Promise<Opensmtpd> {
  const ownNames = ["mx.example.org", ...sinkNames].map((name) => `127.0.0.1 ${name}`);
  return startMta({
    mta: "opensmtpd",
    instanceDir: options.instanceDir,
    files: {
      "smtpd.conf": smtpdConf(options),
      mailname: "mx.example.org\n",
      ...nameFiles(options.dns, [...(options.hosts ?? []), ...ownNames]),
    },
    command: ["sh", "-e", "-c", makeSpoolAndStart],
    ports: [options.port],
    reachable: [join(import.meta.dirname, "../.."), dirname(process.execPath)],
  });
}

const makeSpoolAndStart = `
umask 022
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
exec smtpd -d -v`;

function smtpdConf(options: OpensmtpdOptions): string {
  const { filterCommand, filterUser, port, sinkPort } = options;
  const user = filterUser === undefined ? "" : ` user ${filterUser}`;
  const use = filterCommand === undefined ? "" : ' filter "postern"';
  const proxy = options.listenProxyV2 ? " proxy-v2" : "";
  const addresses = ["127.0.0.1", ...(options.ipv6 ? ["::1"] : [])];
  return [
    ...(filterCommand === undefined
      ? []
      : [`filter "postern" proc-exec ${quoted(absolute(filterCommand))}${user}`]),
    ...(options.extraConfig ?? []),
    // No limit is in a test's way.
    "smtp max-message-size 60M",
    "smtp limit max-mails 1000",
    "smtp limit max-rcpt 1000",
    "mta limit conn-delay-route 0 conn-delay-relay 0 reconn-delay-route 0 session-keepalive 0",
    ...addresses.map(
      (address) => `listen on ${address} port ${port} hostname mx.example.org${use}${proxy}`,
    ),
    `table sinks { ${sinkNames.map((name) => `"smtp://${name}:${sinkPort}"`).join(", ")} }`,
    'action "sink" relay host <sinks>',
    'match from any for domain { "example.org", "example.net", "example.com" } action "sink"',
    "",
  ].join("\n");
}

/** smtpd looks for a command that begins with anything but /, be it a quote, in its libexec directory. */
function absolute(command: string): string {
  return command.startsWith("/") ? command : `/usr/bin/env ${command}`;
}

/** A string of smtpd.conf, where a backslash means itself unless a quote or a blank follows. */
function quoted(text: string): string {
  if (text.includes("\n")) throw new RangeError(`Cannot run ${text}: a line end is not allowed`);
  return `"${text.replace(/\\(?=[ \t])/g, "\\\\").replaceAll('"', '\\"')}"`;
}
