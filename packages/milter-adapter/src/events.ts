import type { Edit } from "@postern/smtp-filter";
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
  /** The port threw or rejected, which is a bug. The configured failure verdict was given. */
  | { readonly kind: "handler-error"; readonly command: Command["kind"]; readonly error: unknown }
  /** The port did not answer in time. The configured failure verdict was given. */
  | { readonly kind: "deadline"; readonly command: Command["kind"]; readonly deadlineMs: number }
  /** The answer that came after all; it was dropped. */
  | { readonly kind: "late-answer"; readonly command: Command["kind"] }
  /** The MTA did not grant this change; once a session. */
  | { readonly kind: "edit-not-negotiated"; readonly edit: (Edit | Modification)["kind"] }
  /** A field without a name, or more fields or bytes than the limits allow; once a message. */
  | { readonly kind: "header-dropped"; readonly why: "no-name" | "too-many" | "too-large" };

/** What the listener adds to the events of its sessions. */
export type ServerEvent =
  | SessionEvent
  /** `allowPeer` did not. */
  | { readonly kind: "refused-connection"; readonly peer: string }
  /** All places are taken by peers that have proved to speak the protocol. */
  | { readonly kind: "over-limit"; readonly peer: string; readonly limit: number }
  /** Closed before its first CONNECT: its place was needed for a newer connection. */
  | { readonly kind: "displaced"; readonly peer: string }
  /** Closed: of all connections it held the most bytes that were not judged yet, and there were too many. */
  | { readonly kind: "evicted"; readonly peer: string; readonly heldBytes: number }
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
  | { readonly kind: "internal-error"; readonly peer: string; readonly error: unknown }
  /** The system refused a connection (EMFILE); the listener goes on. */
  | { readonly kind: "listener-error"; readonly error: unknown };
