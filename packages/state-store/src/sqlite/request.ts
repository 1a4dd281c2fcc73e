import type { Applied, RowsListed, RowsRead, StoreFault } from "../backend.ts";
import type { Change } from "../port.ts";

/** What the main thread asks of a thread that holds the file. */
export type Request =
  | { readonly kind: "read"; readonly keys: readonly string[]; readonly nowSeconds: number }
  | { readonly kind: "apply"; readonly changes: readonly Change[]; readonly nowSeconds: number }
  | {
      readonly kind: "list";
      readonly prefix: string;
      readonly limit: number;
      readonly nowSeconds: number;
    }
  | { readonly kind: "forget"; readonly key: string; readonly nowSeconds: number }
  /** Opens the file if it is not open, and tries what the thread is for: the reader reads, the writer writes. */
  | { readonly kind: "probe"; readonly nowSeconds: number }
  /** When a row was last written, in seconds since 1970. */
  | { readonly kind: "lastWritten" }
  | { readonly kind: "close" };

/** What each request is answered with. */
export interface Replies {
  readonly read: RowsRead;
  readonly apply: Applied;
  readonly list: RowsListed;
  readonly forget: "forgotten" | "absent";
  readonly probe: null;
  readonly lastWritten: number | null;
  readonly close: null;
}

/** A message to the thread. */
export interface Asked {
  readonly id: number;
  readonly request: Request;
}

/** A message from it. */
export interface Answered {
  readonly id: number;
  readonly outcome:
    | { readonly kind: "done"; readonly value: Replies[Request["kind"]] }
    | {
        readonly kind: "failed";
        readonly message: string;
        readonly batch: StoreFault["batch"];
        readonly weight: StoreFault["weight"];
      };
}

/** What a thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly maxKeys: number;
  /** A visitor writes nothing, and makes no file. */
  readonly role: "reader" | "writer" | "visitor";
}
