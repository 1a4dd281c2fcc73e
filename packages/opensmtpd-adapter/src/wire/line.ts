/**
 * A line of smtpd, decoded (smtpd-filters(7)). Text is one character for each byte. The lines of messages are not
 * among them: `DataLineMatcher` and `readDataLine` take those from the bytes.
 */
export type Line =
  | { readonly kind: "config"; readonly key: string; readonly value: string }
  | Report
  | Request
  /** Not a line of the protocol versions we know. */
  | { readonly kind: "unreadable"; readonly why: string };

/** A report; it gets no answer. */
export interface Report {
  readonly kind: "report";
  readonly version: string;
  readonly subsystem: string;
  readonly session: string;
  readonly event: ReportEvent;
}

export type ReportEvent =
  | {
      readonly kind: "link-connect";
      /** `<unknown>` where there is none (6.8, 7.8; the man page says empty). */
      readonly reverseName: string;
      readonly fcrdns: "pass" | "fail" | "error";
      /** As `parseSocketAddress` reads it. */
      readonly source: string;
      readonly destination: string;
    }
  | { readonly kind: "link-greeting"; readonly hostname: string }
  | { readonly kind: "link-identify"; readonly method: string; readonly identity: string }
  /** `TLSv1.3:TLS_AES_256_GCM_SHA384:256`. */
  | { readonly kind: "link-tls"; readonly tls: string }
  /** The user name is as smtpd writes it: vis(3)-encoded. */
  | {
      readonly kind: "link-auth";
      readonly result: "pass" | "fail" | "error";
      readonly user: string;
    }
  | { readonly kind: "link-disconnect" }
  | { readonly kind: "timeout" }
  | { readonly kind: "tx-begin"; readonly message: string }
  | {
      readonly kind: "tx-mail" | "tx-rcpt";
      /** `00000000` where MAIL failed late. */
      readonly message: string;
      readonly result: TransactionResult;
      /** Without brackets and parameters; empty for `<>`. */
      readonly address: string;
    }
  | { readonly kind: "tx-envelope"; readonly message: string; readonly envelope: string }
  | { readonly kind: "tx-data"; readonly message: string; readonly result: TransactionResult }
  | { readonly kind: "tx-commit"; readonly message: string; readonly size: string }
  | { readonly kind: "tx-rollback" | "tx-reset"; readonly message: string }
  /** One that we have no use for, or that is newer than we are. */
  | { readonly kind: "other"; readonly name: string };

export type TransactionResult = "ok" | "permfail" | "tempfail";

/** A request; it gets exactly one answer. */
export interface Request {
  readonly kind: "request";
  readonly version: string;
  readonly subsystem: string;
  readonly session: string;
  readonly token: string;
  readonly phase: Phase;
}

export type Phase =
  /** `source` is an address without a port, or `local`. */
  | { readonly kind: "connect"; readonly reverseName: string; readonly source: string }
  | { readonly kind: "helo" | "ehlo"; readonly identity: string }
  | { readonly kind: "mail-from" | "rcpt-to"; readonly address: string }
  | { readonly kind: "data" | "commit" }
  /** One that we did not register for, or that is newer than we are. */
  | { readonly kind: "other"; readonly name: string };
