import type { Edit, FilterFailure } from "@postern/smtp-filter";
import type { ListenerEvent } from "@postern/smtp-filter/serve";
import type { Command } from "./wire/command.ts";
import type { Modification } from "./wire/response.ts";

/** Where a session stands. */
export type SessionState = "new" | "negotiated" | "connected" | "mail" | "closed";

/**
 * What an operator may want to know, with the MTA and the state of its session. Bytes that came from a client appear
 * only as hexadecimal digits.
 */
export type SessionEvent = Report & { readonly peer: string; readonly state: SessionState };

/** A {@link SessionEvent} without its place. */
export type Report =
  /** The peer broke the protocol; the connection is closed. In state `new` it is probably not an MTA but a port scan or a TLS client. */
  | {
      readonly kind: "protocol-error";
      /** The code byte, or null where no packet was complete. */
      readonly code: number | null;
      /** Bytes of the packet. */
      readonly length: number;
      /** The first 32 bytes of it. */
      readonly firstBytesHex: string;
      readonly message: string;
    }
  /** The MTA does not offer what is wanted (names of {@link ACTIONS}). */
  | { readonly kind: "missing-actions"; readonly names: readonly string[] }
  /** An out-of-sequence command; it was answered with `continue`. */
  | { readonly kind: "out-of-order"; readonly command: Command["kind"] }
  | (FilterFailure & { readonly command: Command["kind"] })
  /** The MTA did not grant this change; once a session. */
  | { readonly kind: "edit-not-negotiated"; readonly edit: (Edit | Modification)["kind"] }
  /** A field without a name, or more fields or bytes than the limits allow; once a message. */
  | { readonly kind: "header-dropped"; readonly why: "no-name" | "too-many" | "too-large" };

/** What the listener adds to the events of its sessions. */
export type ServerEvent =
  | SessionEvent
  | ListenerEvent
  /** Nothing, or not a whole packet, came in time; the connection was closed. */
  | {
      readonly kind: "peer-deadline";
      readonly peer: string;
      readonly waitedFor: "negotiation" | "rest-of-packet" | "command";
      readonly deadlineMs: number;
    }
  /** The MTA does not read its answers; the connection was closed. */
  | { readonly kind: "not-reading"; readonly peer: string; readonly unsentBytes: number }
  /** A bug of this package; the connection was closed. */
  | { readonly kind: "internal-error"; readonly peer: string; readonly error: unknown };
