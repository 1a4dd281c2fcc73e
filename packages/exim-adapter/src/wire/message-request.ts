import type { ClientFacts } from "./client-facts.ts";

/** The question at the end of a message. The message itself follows it. */
export interface MessageRequest {
  readonly dialect: "spamd" | "rspamd";
  readonly client: ClientFacts;
  /** Without brackets; empty for the null sender. */
  readonly from: string;
  /** `in-copy`: Exim's copy of the message tells them. */
  readonly recipients: readonly string[] | "in-copy";
  /** Exim's copy begins with lines of its own; notqmail sends the message itself. */
  readonly form: "exim-copy" | "plain";
  /** Exim's id of the message, which its own Received line has, too. */
  readonly id: string | null;
  /** Bytes that follow. */
  readonly length: number;
}
