import { StoreFault } from "../backend.ts";

/** Replies that are about one row: something else is kept there, or it takes no more. */
const OF_A_ROW = new Set(["WRONGTYPE", "BADROW", "REFUSED"]);
/** Errors of the client before anything was sent. */
const NOT_SENT = new Set(["ClientOfflineError", "ClientClosedError"]);

/** The first word of an error reply, such as WRONGTYPE; undefined if the error is none. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !/^(?:Simple|Blob)?Error(?:Reply)?$/.test(kindOf(error))) {
    return undefined;
  }
  return /^[A-Z]{2,20}(?= |$)/.exec(error.message)?.[0];
}

export function isOfARow(error: unknown): boolean {
  return OF_A_ROW.has(codeOf(error) ?? "");
}

/**
 * What went wrong between us and the server. A command that was answered with an error has changed nothing; one that
 * was not answered may have.
 */
export function faultOfServer(name: string, error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const code = codeOf(error);
  const text = textOf(error);
  if (code !== undefined) {
    return new StoreFault(`Cannot use ${name}: it answers ${text}`, {
      batch: "not-applied",
      // LOADING, READONLY, NOAUTH, NOPERM, OOM, MISCONF, MOVED: of the server, whatever is asked.
      weight: "proof",
      cause: error,
    });
  }
  const isUnsent = error instanceof Error && NOT_SENT.has(kindOf(error));
  return new StoreFault(`Cannot reach ${name}: ${text}`, {
    batch: isUnsent || text.includes("queue is full") ? "not-applied" : "unknown",
    weight: "suspicion",
    cause: error,
  });
}

/** A server's words are shortened, and end up in a log: printable ASCII only. */
export function textOf(error: unknown): string {
  const { message, code } = error as { message?: unknown; code?: unknown };
  // Node gives no message when it tried several addresses of a name.
  const text = String(message || code || error);
  return text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

function kindOf(error: Error): string {
  return error.constructor.name;
}
