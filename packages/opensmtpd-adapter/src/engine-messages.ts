import type { Edit } from "@postern/smtp-filter";

/**
 * What the shim and its engine say to each other, in lists: one list for all that came up in one turn. Sessions,
 * questions and messages are numbers of the shim's, and none is used twice.
 */
export type ToEngine =
  /** Before anything else about a session, and again to an engine that was started later. */
  | { readonly kind: "open"; readonly session: number; readonly client: OpenedClient }
  | {
      readonly kind: "ask";
      readonly session: number;
      /** 0 where nobody waits for the answer. */
      readonly question: number;
      readonly ask: Ask;
    }
  | { readonly kind: "tell"; readonly session: number; readonly fact: Fact }
  /** Whole lines of a message, each with its LF, dot-stuffed, as smtpd sent them. */
  | {
      readonly kind: "content";
      readonly session: number;
      readonly message: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "ping" };

export interface OpenedClient {
  /** As `parseSocketAddress` reads it; empty where smtpd did not say. */
  readonly source: string;
  readonly destination: string;
  readonly smtpdVersion: string | null;
}

export type Ask =
  | { readonly kind: "greet" }
  | { readonly kind: "hello"; readonly name: string }
  | { readonly kind: "mail"; readonly from: string }
  | { readonly kind: "rcpt"; readonly to: string }
  | { readonly kind: "data" }
  /** All of the message has been sent. */
  | { readonly kind: "end" };

export type Fact =
  | { readonly kind: "secured"; readonly version: string | null }
  | { readonly kind: "authenticated"; readonly user: string }
  | { readonly kind: "outcome"; readonly to: string; readonly what: "accepted" | "refused" }
  /** What smtpd calls the message of the open transaction (its `message-id`). */
  | { readonly kind: "queue-id"; readonly id: string }
  | { readonly kind: "ended"; readonly how: "queued" | "refused" | "aborted" }
  | { readonly kind: "close"; readonly why: "quit" | "lost" | "aborted" };

export type FromEngine =
  /** It can be asked. What it wants said where it fails, the shim keeps for when it has failed. */
  | { readonly kind: "ready"; readonly onFailure: FailureAnswer | null }
  | { readonly kind: "answer"; readonly question: number; readonly answer: EngineAnswer }
  /** So many bytes of a message have been used; no more are needed of it if `hasEnough`. */
  | {
      readonly kind: "used";
      readonly message: number;
      readonly bytes: number;
      readonly hasEnough: boolean;
    }
  | { readonly kind: "pong" };

export type EngineAnswer =
  | { readonly kind: "continue" }
  /** A reply of SMTP in one line, code first. */
  | { readonly kind: "refuse"; readonly reply: string; readonly ends?: "session" }
  | { readonly kind: "deliver"; readonly edits: readonly Edit[] }
  /** The port threw, or there is nothing that could be asked. */
  | { readonly kind: "failed" };

/** The answer when the engine does not respond: accept unjudged, or 451. */
export type FailureAnswer = "accept" | "tempfail";
