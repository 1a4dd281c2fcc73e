import { type MtaProcess, startMta } from "./mta-process.ts";
import { type NameSource, nameFiles } from "./name-files.ts";
import { catchSyslog } from "./syslog-script.ts";

/** One Exim of its own. */
export interface EximOptions {
  /** An empty directory: its configuration, queue and /run. Without blank, comma and colon. */
  readonly instanceDir: string;
  /** It listens on 127.0.0.1 at this port, and on ::1 when `ipv6`. */
  readonly port: number;
  /** Mail for example.org, .net and .com goes to 127.0.0.1 at this port. */
  readonly sinkPort: number;
  /** Lines of each ACL before its last, such as `defer message = later`. */
  readonly acl?: Readonly<Partial<Record<EximStage, readonly string[]>>>;
  /** Debian's heavy one (default) or the light one, which has no content scanning and no PROXY protocol. */
  readonly build?: "exim" | "exim-light";
  /** Which ACL a stage has, or null where `settings` say it; default: one of this file's, with the lines of `acl`. */
  readonly aclOf?: Readonly<Partial<Record<EximStage, string | null>>>;
  /** More lines of the main section, after its own. */
  readonly settings?: readonly string[];
  /** Lines of more ACLs. */
  readonly moreAcls?: readonly string[];
  /** Lines of more sections, such as `begin authenticators`. */
  readonly sections?: readonly string[];
  /** Texts by their path below etc, to be included. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: IPv4 only. */
  readonly ipv6?: boolean;
  /** Whose names it looks up by itself, as in its configuration. Default: everybody's. */
  readonly hostLookup?: "*" | "";
  /** With `hosts` alone Exim knows no client's name, whatever hosts says: it checks in the DNS. */
  readonly dns: NameSource;
  /** Lines of its /etc/hosts beside localhost, such as `192.0.2.1 mail.example.com`. */
  readonly hosts?: readonly string[];
}

/** Where an ACL can be asked. */
export type EximStage = "connect" | "helo" | "mail" | "rcpt" | "data";

/** A running Exim. Its pid is that of the daemon. */
export type Exim = MtaProcess;

const stages: readonly EximStage[] = ["connect", "helo", "mail", "rcpt", "data"];

/**
 * Starts Exim (4.96 of Debian 12) and waits until it listens.
 * @throws {Error} with its log, if it does not listen within 20 s.
 */
export function startExim(options: EximOptions): Promise<Exim> {
  return startMta({
    mta: options.build ?? "exim",
    instanceDir: options.instanceDir,
    files: {
      "exim4/exim4.conf": eximConf(options),
      mailname: "mx.example.org\n",
      ...options.files,
      ...nameFiles(options.dns, [...(options.hosts ?? []), "127.0.0.1 mx.example.org"]),
    },
    command: ["sh", "-e", "-c", makeSpoolAndStart],
    ports: [options.port],
  });
}

const makeSpoolAndStart = `
umask 022
mkdir -p /var/spool/exim4/db
chown -R Debian-exim:Debian-exim /var/spool/exim4
chmod 750 /var/spool/exim4
${catchSyslog}
exec exim4 -bdf -q2s`;

function eximConf(options: EximOptions): string {
  const addresses = ["127.0.0.1", ...(options.ipv6 ? ["::1"] : [])];
  const lastOf = (stage: EximStage) =>
    stage === "rcpt"
      ? ["  accept domains = +relay_to_domains", "  deny message = relay not permitted"]
      : ["  accept"];
  return [
    "primary_hostname = mx.example.org",
    "keep_environment =",
    "exim_path = /usr/sbin/exim4",
    "spool_directory = /var/spool/exim4",
    "log_file_path = syslog",
    "syslog_timestamp = no",
    "syslog_duplication = no",
    "log_selector = +smtp_protocol_error +smtp_syntax_error +incoming_port",
    "pid_file_path = /run/exim.pid",
    ...(options.ipv6 ? [] : ["disable_ipv6 = yes"]),
    `local_interfaces = <; ${addresses.join(" ; ")}`,
    `daemon_smtp_ports = ${options.port}`,
    "domainlist relay_to_domains = example.org : example.net : example.com",
    "tls_advertise_hosts =",
    "rfc1413_query_timeout = 0s",
    `host_lookup = ${options.hostLookup ?? "*"}`,
    `host_lookup_order = ${options.dns === "hosts" ? "byaddr" : "bydns:byaddr"}`,
    "dns_retrans = 1s",
    "dns_retry = 1",
    ...(options.dns === "hosts" ? ["dns_again_means_nonexist = *"] : []),
    // No limit is in a test's way.
    "message_size_limit = 60M",
    "smtp_accept_max = 200",
    "smtp_accept_queue_per_connection = 0",
    "smtp_max_synprot_errors = 1000",
    "smtp_max_unknown_commands = 1000",
    ...stages
      .filter((stage) => options.aclOf?.[stage] !== null)
      .map((stage) => `acl_smtp_${stage} = ${options.aclOf?.[stage] ?? `acl_${stage}`}`),
    ...(options.settings ?? []),
    "begin acl",
    ...stages.flatMap((stage) => [
      `acl_${stage}:`,
      ...(options.acl?.[stage] ?? []).map((line) => `  ${line}`),
      ...lastOf(stage),
    ]),
    ...(options.moreAcls ?? []),
    ...["begin routers", "sink:", "  driver = manualroute", "  domains = +relay_to_domains"],
    ...["  transport = sink", "  route_list = * 127.0.0.1 byname", "  self = send"],
    ...["begin transports", "sink:", "  driver = smtp", `  port = ${options.sinkPort}`],
    ...["  allow_localhost", "  hosts_try_chunking =", "  hosts_avoid_tls = *"],
    "  message_linelength_limit = 1000000000",
    ...["begin retry", "* * F,1h,2s", ...(options.sections ?? []), ""],
  ].join("\n");
}
