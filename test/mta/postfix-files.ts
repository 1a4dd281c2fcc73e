import { nameFiles } from "./name-files.ts";
import type { PostfixOptions } from "./postfix.ts";

/** The files of one instance, below its etc directory. */
export function postfixFiles(options: PostfixOptions): Readonly<Record<string, string>> {
  return {
    "postfix/main.cf": mainCf(options),
    "postfix/master.cf": masterCf(options),
    ...nameFiles(options.dns, options.hosts),
  };
}

function mainCf(options: PostfixOptions): string {
  const settings: Record<string, string | number> = {
    compatibility_level: "3.6",
    myhostname: "mx.example.org",
    mydomain: "example.org",
    mydestination: "",
    local_recipient_maps: "",
    alias_maps: "",
    alias_database: "",
    inet_interfaces: options.ipv6 ? "127.0.0.1, [::1]" : "127.0.0.1",
    inet_protocols: options.ipv6 ? "all" : "ipv4",
    smtp_address_preference: "ipv4",
    mynetworks: "127.0.0.0/8, [::1]/128",
    relay_domains: "example.org, example.net, example.com",
    relay_transport: `smtp:[127.0.0.1]:${options.sinkPort}`,
    default_transport: "error:no delivery outside the test",
    smtpd_relay_restrictions:
      "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination",
    smtpd_authorized_xclient_hosts: "127.0.0.0/8, [::1]/128",
    maillog_file: "/var/log/postfix.log",
    smtputf8_enable: "yes",
    smtp_host_lookup: "native",
    smtp_dns_support_level: "disabled",
    // Bytes arrive at the sink as they were accepted.
    disable_mime_output_conversion: "yes",
    smtp_line_length_limit: 0,
    message_size_limit: 60_000_000,
    mailbox_size_limit: 0,
    // No limit is in a test's way.
    smtpd_recipient_limit: 1000,
    smtpd_error_sleep_time: 0,
    smtpd_soft_error_limit: 1000,
    smtpd_hard_error_limit: 1000,
    smtpd_client_connection_count_limit: 0,
    smtpd_client_connection_rate_limit: 0,
    smtpd_client_message_rate_limit: 0,
    smtpd_client_recipient_rate_limit: 0,
    in_flow_delay: 0,
    // What could not be delivered is tried again soon, or given up without a bounce of a bounce.
    queue_run_delay: "1s",
    minimal_backoff_time: "1s",
    maximal_backoff_time: "2s",
    bounce_queue_lifetime: 0,
    notify_classes: "",
    smtpd_milters: options.milters ?? "",
    milter_protocol: 6,
    milter_default_action: options.milterDefaultAction ?? "tempfail",
    milter_connect_timeout: `${options.milterTimeouts?.connectSeconds ?? 5}s`,
    milter_command_timeout: `${options.milterTimeouts?.commandSeconds ?? 10}s`,
    milter_content_timeout: `${options.milterTimeouts?.contentSeconds ?? 20}s`,
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

function masterCf(options: PostfixOptions): string {
  const submission = { milter_macro_daemon_name: "ORIGINATING", ...options.submissionSettings };
  const addresses = ["127.0.0.1", ...(options.ipv6 ? ["[::1]"] : [])];
  const smtpd = `inet n - ${options.chroot ?? "n"} - - smtpd`;
  const listeners = addresses.flatMap((address) => [
    `${address}:${options.port} ${smtpd}`,
    ...(options.submissionPort === undefined
      ? []
      : [
          `${address}:${options.submissionPort} ${smtpd}`,
          ...Object.entries(submission).map(([name, value]) => `  -o { ${name} = ${value} }`),
        ]),
  ]);
  // service, type, private, unprivileged, chroot, wakeup, process limit, command
  const services = [
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "pickup unix n - n 60 1 pickup",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "proxywrite unix - - n - 1 proxymap",
    "smtp unix - - n - - smtp",
    "relay unix - - n - - smtp",
    "showq unix n - n - - showq",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "discard unix - - n - - discard",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
  ];
  return `${[...listeners, ...services].join("\n")}\n`;
}
