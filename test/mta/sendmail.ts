import { type MtaProcess, startMta } from "./mta-process.ts";
import { type NameSource, nameFiles } from "./name-files.ts";
import { catchSyslog } from "./syslog-script.ts";

/** One Sendmail of its own. */
export interface SendmailOptions {
  /** An empty directory: its configuration, queue and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** It listens on 127.0.0.1 at this port, and on ::1 when `ipv6`. */
  readonly port: number;
  /** Mail for example.org, .net and .com goes to 127.0.0.1 at this port. */
  readonly sinkPort: number;
  /**
   * What INPUT_MAIL_FILTER says of each milter, such as `S=inet:8891@127.0.0.1, F=T` or
   * `S=unix:/run/x.sock, F=T, T=C:5s;S:10s;R:10s;E:20s` (the socket is instanceDir/run/x.sock).
   */
  readonly milters?: readonly string[];
  /** More lines of the .mc file, before its mailers. */
  readonly settings?: readonly string[];
  /** More texts, by their path below its etc. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: IPv4 only. */
  readonly ipv6?: boolean;
  readonly dns: NameSource;
  /** Lines of its /etc/hosts beside localhost, such as `192.0.2.1 mail.example.com`. */
  readonly hosts?: readonly string[];
}

/** A running Sendmail. Its pid is that of the daemon. */
export type Sendmail = MtaProcess;

/**
 * Starts Sendmail (8.17.1.9 on Debian 12) and waits until it listens.
 * @throws {Error} with its log, if it does not listen within 20 s.
 */
export function startSendmail(options: SendmailOptions): Promise<Sendmail> {
  const names = options.dns === "hosts" ? "files" : "files dns";
  return startMta({
    mta: "sendmail",
    instanceDir: options.instanceDir,
    files: {
      "mail/test.mc": sendmailMc(options),
      "mail/service.switch": `hosts\t${names}\naliases\tfiles\npasswd\tfiles\n`,
      ...nameFiles(options.dns, [...(options.hosts ?? []), "127.0.0.1 mx.example.org"]),
      ...options.files,
    },
    command: ["sh", "-e", "-c", makeQueueAndStart],
    ports: [options.port],
  });
}

const makeQueueAndStart = `
umask 022
mkdir -p -m 700 /var/spool/mqueue
cd /usr/share/sendmail/cf/cf
m4 ../m4/cf.m4 /etc/mail/test.mc >/var/lib/sendmail.cf
cd /var/spool/mqueue
${catchSyslog}
exec /usr/libexec/sendmail/sendmail -bD -C/var/lib/sendmail.cf -q2s`;

function sendmailMc(options: SendmailOptions): string {
  const listeners = [
    `Name=MTA, Family=inet, Addr=127.0.0.1, Port=${options.port}`,
    ...(options.ipv6 ? [`Name=MTA6, Family=inet6, Addr=::1, Port=${options.port}`] : []),
  ];
  return [
    "divert(0)dnl",
    macro("OSTYPE", "linux"),
    ...Object.entries(definitions(options)).map(([name, value]) => macro("define", name, value)),
    macro("FEATURE", "no_default_msa"),
    macro("FEATURE", "accept_unresolvable_domains"),
    macro("FEATURE", "accept_unqualified_senders"),
    macro("FEATURE", "nocanonify"),
    ...["example.org", "example.net", "example.com"].map((name) => macro("RELAY_DOMAIN", name)),
    ...listeners.map((listener) => macro("DAEMON_OPTIONS", listener)),
    ...(options.milters ?? []).map((milter, at) =>
      macro("INPUT_MAIL_FILTER", `milter${at}`, milter),
    ),
    ...(options.settings ?? []),
    macro("MAILER", "local"),
    macro("MAILER", "smtp"),
    "",
  ].join("\n");
}

function definitions({ sinkPort }: SendmailOptions): Readonly<Record<string, string>> {
  return {
    confDOMAIN_NAME: "mx.example.org",
    QUEUE_DIR: "/var/spool/mqueue",
    confPID_FILE: "/run/sendmail.pid",
    STATUS_FILE: "",
    HELP_FILE: "",
    ALIAS_FILE: "",
    confDONT_PROBE_INTERFACES: "True",
    confSERVICE_SWITCH_FILE: "/etc/mail/service.switch",
    confTO_IDENT: "0s",
    confTO_RESOLVER_RETRANS: "1s",
    confTO_RESOLVER_RETRY: "1",
    confLOG_LEVEL: "14",
    confMILTER_LOG_LEVEL: "22",
    confDELIVERY_MODE: "background",
    confMIN_QUEUE_AGE: "0",
    SMART_HOST: "smtp:[127.0.0.1]",
    SMTP_MAILER_ARGS: `TCP $h ${sinkPort}`,
    // Bytes arrive at the sink as they were accepted.
    SMTP_MAILER_LL: "0",
    // No limit is in a test's way; a busy machine does not count.
    confQUEUE_LA: "100000",
    confREFUSE_LA: "100000",
    confDELAY_LA: "0",
    confBAD_RCPT_THROTTLE: "0",
  };
}

/** A line of m4. */
function macro(name: string, ...values: readonly string[]): string {
  return `${name}(${values.map((value) => `\`${value}'`).join(", ")})dnl`;
}
