import type { FilterFailure } from "@postern/smtp-filter";
import type { ListenerEvent } from "@postern/smtp-filter/serve";
import type { Dialect } from "./wire/request-head.ts";
import type { Stage } from "./wire/verdict.ts";

/** What an operator may want to know. Bytes that came from a client appear only as hexadecimal digits. */
export type ServerEvent =
  /** The peer sent no request, or none that can be read; it was closed without an answer. No dialect: likely a port scan. */
  | {
      readonly kind: "protocol-error";
      readonly peer: string;
      readonly dialect: Dialect | null;
      readonly firstBytesHex: string;
      readonly message: string;
    }
  | (FilterFailure & { readonly peer: string; readonly stage: Stage })
  /** Over the scan limit; it was answered without judging. */
  | {
      readonly kind: "message-too-large";
      readonly peer: string;
      readonly bytes: number;
      readonly limit: number;
    }
  /** More recipients of one message than are judged. */
  | { readonly kind: "too-many-recipients"; readonly peer: string; readonly limit: number }
  /** Genuine fields were removed with forged ones of the same name: there was no room to put them back. */
  | { readonly kind: "fields-lost"; readonly peer: string; readonly fields: number }
  /** Fields of ours had no room in the answer. */
  | { readonly kind: "fields-unsaid"; readonly peer: string; readonly fields: number }
  /** A field with an invalid name. */
  | { readonly kind: "edit-dropped"; readonly peer: string; readonly name: string }
  | ListenerEvent
  /** Not all of a request came in time, or the answer was not taken; the connection was closed. */
  | {
      readonly kind: "peer-deadline";
      readonly peer: string;
      readonly waitedFor: "head" | "message" | "close";
      readonly deadlineMs: number;
    }
  /** A bug of this package; the connection was closed. */
  | { readonly kind: "internal-error"; readonly peer: string; readonly error: unknown };
