import { type Clock, systemClock } from "@postern/smtp-filter";
import type { SessionEvent } from "./events.ts";
import type { MilterUse, OpenMilter } from "./milter-filter.ts";
import { MAX_PACKET_BYTES } from "./wire/framing.ts";
import type { MacroList } from "./wire/negotiate.ts";

/** How sessions behave. Only `open` must be given. */
export interface SessionOptions extends MilterUse {
  /** Called for each SMTP connection; what it gives decides. An `Open` of the port is one. */
  readonly open: OpenMilter;
  /** What is answered when the port throws, or does not answer in time. Default `accept`: go on without it. */
  readonly onFailure?: "accept" | "tempfail";
  /** When the MTA does not offer an action that is used. Default `degrade`: go on without it. */
  readonly onMissingActions?: "degrade" | "close";
  /** What to ask the MTA for. Default {@link DEFAULT_MACRO_LISTS}. */
  readonly macroLists?: readonly MacroList[];
  /** Guard above the deadlines of the port's own; sendmail waits 10 s. Default 9,000. */
  readonly commandDeadlineMs?: number;
  /** The same for the end of a message; the MTA is kept waiting with PROGRESS. Default 65,000. */
  readonly messageDeadlineMs?: number;
  /** How often PROGRESS is sent. Default 5,000. */
  readonly progressMs?: number;
  /** Header fields of a message that are passed on. Default 2,000. */
  readonly maxHeaders?: number;
  /** Bytes of names and values of a message that are passed on. Default 1 MiB. */
  readonly maxHeaderBytes?: number;
  /** Code byte and payload of a packet. Default 1 MiB + 1. */
  readonly maxPacketBytes?: number;
  /** Receives every event; the adapter logs nothing itself. */
  readonly onEvent?: (event: SessionEvent) => void;
  /** Instead of the machine's: for tests. */
  readonly clock?: Clock;
}

/** Options with nothing left open. */
export type Settings = Required<SessionOptions>;

/**
 * The macros of both MTAs about the connection, authentication and the recipients. The lists for end-of-message and
 * end-of-headers go together: sendmail (8.17, 8.18) ignores the first without the second.
 */
export const DEFAULT_MACRO_LISTS: readonly MacroList[] = [
  {
    stage: "connect",
    names: [
      "j",
      "v",
      "_",
      "{daemon_name}",
      "{daemon_addr}",
      "{daemon_port}",
      "{if_name}",
      "{if_addr}",
      "{client_addr}",
      "{client_port}",
    ],
  },
  { stage: "helo", names: ["{tls_version}", "{cipher}", "{cert_subject}"] },
  {
    stage: "mail",
    names: ["i", "{auth_type}", "{auth_authen}", "{auth_author}", "{tls_version}", "{mail_addr}"],
  },
  { stage: "rcpt", names: ["i", "{rcpt_mailer}", "{rcpt_host}", "{rcpt_addr}"] },
  { stage: "data", names: ["i"] },
  { stage: "end-of-message", names: ["i"] },
  { stage: "end-of-headers", names: ["i"] },
];

/** Fills in the defaults. */
export function settingsOf(options: SessionOptions): Settings {
  return {
    open: options.open,
    uses: options.uses ?? ["addHeaders", "changeHeaders"],
    spares: options.spares ?? [],
    answers: options.answers ?? [],
    onFailure: options.onFailure ?? "accept",
    onMissingActions: options.onMissingActions ?? "degrade",
    macroLists: options.macroLists ?? DEFAULT_MACRO_LISTS,
    commandDeadlineMs: options.commandDeadlineMs ?? 9000,
    messageDeadlineMs: options.messageDeadlineMs ?? 65_000,
    progressMs: options.progressMs ?? 5000,
    maxHeaders: options.maxHeaders ?? 2000,
    maxHeaderBytes: options.maxHeaderBytes ?? 1 << 20,
    maxPacketBytes: options.maxPacketBytes ?? MAX_PACKET_BYTES,
    onEvent: options.onEvent ?? (() => {}),
    clock: options.clock ?? systemClock,
  };
}
